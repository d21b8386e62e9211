// libqrcodegen: bytes to the modules of a QR code, in the caller's memory.
#pragma once
#include <qrcodegen.h>

// libpng, for CQRImage only: its errors are longjmps, which must not cross Swift frames.
#pragma once
#include <png.h>

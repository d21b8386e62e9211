// libxcrypt: crypt(3) with bcrypt.
#pragma once
#include <crypt.h>

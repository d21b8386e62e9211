// zxcvbn-c, the estimate of a password's strength. Debian ships no pkg-config file for it.
#pragma once
#include <zxcvbn.h>

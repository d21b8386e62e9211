// libargon2: the reference implementation of Argon2.
#pragma once
#include <argon2.h>

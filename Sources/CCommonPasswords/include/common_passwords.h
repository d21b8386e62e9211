// The embedded list of common passwords, as one text and where each entry begins in it. A pointer
// per entry would cost 90 KB of relocations at every start.
#pragma once
#include <stdint.h>

// The number of entries, sorted by their bytes, in lower case, none twice.
extern const uint32_t common_passwords_count;
// common_passwords_count + 1 offsets: entry i is offsets[i] up to, not including, offsets[i + 1].
extern const uint32_t common_passwords_offsets[];
extern const unsigned char common_passwords_text[];

// Swift doesn't import arrays of unknown size.
static inline const uint32_t *common_passwords_offsets_start(void) {
    return common_passwords_offsets;
}

static inline const unsigned char *common_passwords_text_start(void) {
    return common_passwords_text;
}

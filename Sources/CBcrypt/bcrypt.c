#include "CBcrypt.h"

#include <string.h>

#include "blowfish_tables.h"

// "OrpheanBeholderScryDoubt" in big-endian words: what bcrypt encrypts.
static const uint32_t text_words[6] = {0x4f727068, 0x65616e42, 0x65686f6c,
                                       0x64657253, 0x63727944, 0x6f756274};

enum { text_encryptions = 64 };

struct cbcrypt_lane {
    uint32_t s[4 * 256];
    uint32_t p[18];
    uint32_t key[18];
    uint32_t salt[18];
    uint64_t rounds_left;
};

size_t cbcrypt_lane_bytes(void) { return sizeof(struct cbcrypt_lane); }

uint64_t cbcrypt_rounds_left(const struct cbcrypt_lane *lane) { return lane->rounds_left; }

bool cbcrypt_is_optimized(void) {
#ifdef __OPTIMIZE__
    return true;
#else
    return false;
#endif
}

// memset through an opaque pointer: otherwise the compiler drops it, as nothing is read again.
static void *(*const volatile set_memory)(void *, int, size_t) = memset;

// The functions below do the same for each lane of a fixed number. Inlined with that number as a
// constant, the inner loops unroll, and the halves of all lanes stay in registers.
#define ALWAYS_INLINE static inline __attribute__((always_inline))

ALWAYS_INLINE uint32_t feistel(const uint32_t *s, uint32_t x) {
    uint32_t sum = s[x >> 24] + s[256 + (x >> 16 & 0xff)];
    return (sum ^ s[512 + (x >> 8 & 0xff)]) + s[768 + (x & 0xff)];
}

// Half a step: `other`, the half that is not looked up, takes its word of P first and the looked-up
// words last, because they arrive late. The empty assembly keeps the compiler from merging these.
ALWAYS_INLINE uint32_t half_step(const struct cbcrypt_lane *lane, int i, uint32_t half,
                                 uint32_t other) {
    other ^= lane->p[i];
    __asm__("" : "+r"(other));
    return other ^ feistel(lane->s, half);
}

ALWAYS_INLINE void encipher(struct cbcrypt_lane *const lanes[], int n, uint32_t *left,
                            uint32_t *right) {
    for (int l = 0; l < n; l++) left[l] ^= lanes[l]->p[0];
#pragma clang loop unroll(full)
    for (int i = 1; i < 17; i += 2) {
        for (int l = 0; l < n; l++) right[l] = half_step(lanes[l], i, left[l], right[l]);
        for (int l = 0; l < n; l++) left[l] = half_step(lanes[l], i + 1, right[l], left[l]);
    }
    for (int l = 0; l < n; l++) {
        uint32_t last = left[l];
        left[l] = right[l] ^ lanes[l]->p[17];
        right[l] = last;
    }
}

// Blowfish's key schedule: 521 encryptions, each of the previous result.
ALWAYS_INLINE void expand(struct cbcrypt_lane *const lanes[], int n) {
    uint32_t left[CBCRYPT_LANES_MAX] = {0};
    uint32_t right[CBCRYPT_LANES_MAX] = {0};
    for (int i = 0; i < 18; i += 2) {
        encipher(lanes, n, left, right);
        for (int l = 0; l < n; l++) {
            lanes[l]->p[i] = left[l];
            lanes[l]->p[i + 1] = right[l];
        }
    }
    for (int i = 0; i < 4 * 256; i += 2) {
        encipher(lanes, n, left, right);
        for (int l = 0; l < n; l++) {
            lanes[l]->s[i] = left[l];
            lanes[l]->s[i + 1] = right[l];
        }
    }
}

ALWAYS_INLINE void run(struct cbcrypt_lane *const lanes[], int n, uint64_t rounds) {
    for (uint64_t round = 0; round < rounds; round++) {
        for (int l = 0; l < n; l++) {
            for (int i = 0; i < 18; i++) lanes[l]->p[i] ^= lanes[l]->key[i];
        }
        expand(lanes, n);
        for (int l = 0; l < n; l++) {
            for (int i = 0; i < 18; i++) lanes[l]->p[i] ^= lanes[l]->salt[i];
        }
        expand(lanes, n);
    }
}

// Also adjacent in memory: lanes that several threads allocated can evict each other
// from the L1 cache. AMD's finds a line by a hash of the upper bits of its address, which
// are equal for blocks of several arenas; four such lanes took twice the time.
static void run_near(struct cbcrypt_lane *const lanes[], int count, uint64_t rounds) {
    _Alignas(64) struct cbcrypt_lane near[CBCRYPT_LANES_MAX];
    struct cbcrypt_lane *const places[CBCRYPT_LANES_MAX] = {&near[0], &near[1], &near[2], &near[3]};
    for (int l = 0; l < count; l++) near[l] = *lanes[l];
    switch (count) {
    case 2: run(places, 2, rounds); break;
    case 3: run(places, 3, rounds); break;
    case 4: run(places, 4, rounds); break;
    default: break;
    }
    for (int l = 0; l < count; l++) *lanes[l] = near[l];
    set_memory(near, 0, sizeof near);
}

void cbcrypt_run(struct cbcrypt_lane *const lanes[], int count, uint64_t rounds) {
    if (count < 1 || count > CBCRYPT_LANES_MAX) return;
    for (int l = 0; l < count; l++) {
        if (lanes[l]->rounds_left < rounds) rounds = lanes[l]->rounds_left;
    }
    if (count == 1) {
        run(lanes, 1, rounds);
    } else {
        run_near(lanes, count, rounds);
    }
    for (int l = 0; l < count; l++) lanes[l]->rounds_left -= rounds;
}

static uint32_t big_endian(const uint8_t *bytes) {
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

// EksBlowfishSetup's first step: the key goes into P, and each encryption takes half of the salt.
static void set_up(struct cbcrypt_lane *lane) {
    for (int i = 0; i < 18; i++) lane->p[i] = blowfish_p[i] ^ lane->key[i];
    memcpy(lane->s, blowfish_s, sizeof lane->s);
    uint32_t left = 0, right = 0;
    for (int i = 0; i < 18 + 4 * 256; i += 2) {
        left ^= lane->salt[i & 2];
        right ^= lane->salt[(i & 2) + 1];
        encipher(&lane, 1, &left, &right);
        uint32_t *words = i < 18 ? &lane->p[i] : &lane->s[i - 18];
        words[0] = left;
        words[1] = right;
    }
}

void cbcrypt_begin(struct cbcrypt_lane *lane, const uint8_t *password, size_t count,
                   const uint8_t salt[CBCRYPT_SALT_BYTES], unsigned cost) {
    if (count > CBCRYPT_KEY_BYTES_MAX) count = CBCRYPT_KEY_BYTES_MAX;
    // The password with its NUL byte, over and over, up to 18 words.
    size_t at = 0;
    for (int i = 0; i < 18; i++) {
        uint32_t word = 0;
        for (int byte = 0; byte < 4; byte++) {
            word = word << 8 | (at < count ? password[at] : 0);
            at = at < count ? at + 1 : 0;
        }
        lane->key[i] = word;
    }
    for (int i = 0; i < 18; i++) lane->salt[i] = big_endian(salt + 4 * (i & 3));
    lane->rounds_left = (uint64_t)1 << cost;
    set_up(lane);
}

void cbcrypt_finish(struct cbcrypt_lane *lane, uint8_t digest[CBCRYPT_DIGEST_BYTES]) {
    uint8_t bytes[24];
    for (int i = 0; i < 6; i += 2) {
        uint32_t left = text_words[i], right = text_words[i + 1];
        for (int n = 0; n < text_encryptions; n++) encipher(&lane, 1, &left, &right);
        const uint32_t words[2] = {left, right};
        for (int byte = 0; byte < 8; byte++) {
            bytes[4 * i + byte] = (uint8_t)(words[byte / 4] >> (24 - 8 * (byte % 4)));
        }
    }
    memcpy(digest, bytes, CBCRYPT_DIGEST_BYTES);
    set_memory(bytes, 0, sizeof bytes);
    set_memory(lane, 0, sizeof *lane);
}

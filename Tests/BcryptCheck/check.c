// Compares CBcrypt with libxcrypt on random passwords, salts and costs, at every number of lanes.
//
//   check PAIRS SEED
//
// Lanes begin, run and end in turns of random length, so that at any time hashes of different age
// and cost run side by side. Prints what differs; the exit code says whether anything did.

#include <crypt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "CBcrypt.h"

enum { password_bytes_max = 80, salt_text_bytes = 22, digest_text_bytes = 31 };

struct hash {
    char password[password_bytes_max + 1];
    uint8_t salt[CBCRYPT_SALT_BYTES];
    unsigned cost;
    struct cbcrypt_lane *lane;
};

static uint64_t state;

// SplitMix64: the same pairs for the same seed on every machine.
static uint64_t random_number(void) {
    uint64_t z = state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

static void encode(const uint8_t *bytes, int count, char *text) {
    static const char digits[] = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    uint32_t bits = 0;
    int bit_count = 0;
    for (int i = 0; i < count; i++) {
        bits = bits << 8 | bytes[i];
        for (bit_count += 8; bit_count >= 6;) {
            bit_count -= 6;
            *text++ = digits[bits >> bit_count & 63];
        }
    }
    if (bit_count > 0) *text++ = digits[bits << (6 - bit_count) & 63];
    *text = 0;
}

static void begin(struct hash *hash) {
    size_t count = random_number() % (password_bytes_max + 1);
    for (size_t i = 0; i < count; i++) hash->password[i] = (char)(1 + random_number() % 255);
    hash->password[count] = 0;
    for (int i = 0; i < CBCRYPT_SALT_BYTES; i++) hash->salt[i] = (uint8_t)random_number();
    hash->cost = 4 + random_number() % 2;
    hash->lane = malloc(cbcrypt_lane_bytes());
    if (hash->lane == NULL) abort();
    cbcrypt_begin(hash->lane, (const uint8_t *)hash->password, count, hash->salt, hash->cost);
}

// Whether the lane is wiped, and its digest libxcrypt's.
static int end(struct hash *hash) {
    uint8_t digest[CBCRYPT_DIGEST_BYTES];
    cbcrypt_finish(hash->lane, digest);
    const uint8_t *bytes = (const uint8_t *)hash->lane;
    int is_wiped = 1;
    for (size_t i = 0; i < cbcrypt_lane_bytes(); i++) is_wiped &= bytes[i] == 0;
    free(hash->lane);
    char setting[8 + salt_text_bytes], ours[sizeof setting + digest_text_bytes];
    char salt[salt_text_bytes + 1], text[digest_text_bytes + 1];
    encode(hash->salt, CBCRYPT_SALT_BYTES, salt);
    encode(digest, CBCRYPT_DIGEST_BYTES, text);
    snprintf(setting, sizeof setting, "$2b$%02u$%s", hash->cost, salt);
    snprintf(ours, sizeof ours, "%s%s", setting, text);
    static struct crypt_data data;
    const char *theirs = crypt_r(hash->password, setting, &data);
    if (theirs != NULL && strcmp(ours, theirs) == 0 && is_wiped) return 1;
    printf("differs: %s, libxcrypt: %s, wiped: %d\n", ours, theirs ? theirs : "-", is_wiped);
    return 0;
}

int main(int argc, char **argv) {
    if (argc != 3) {
        fprintf(stderr, "usage: check PAIRS SEED\n");
        return 2;
    }
    long left = atol(argv[1]);
    state = strtoull(argv[2], NULL, 10);
    long passed = 0, failed = 0;
    struct hash hashes[CBCRYPT_LANES_MAX];
    int count = 0;
    while (left > 0 || count > 0) {
        // A new number of lanes at every turn; those that are there run on.
        int wanted = 1 + (int)(random_number() % CBCRYPT_LANES_MAX);
        while (count < wanted && left > 0) {
            begin(&hashes[count++]);
            left--;
        }
        struct cbcrypt_lane *lanes[CBCRYPT_LANES_MAX];
        for (int i = 0; i < count; i++) lanes[i] = hashes[i].lane;
        cbcrypt_run(lanes, count, 1 + random_number() % 20);
        int kept = 0;
        for (int i = 0; i < count; i++) {
            if (cbcrypt_rounds_left(hashes[i].lane) > 0) {
                hashes[kept++] = hashes[i];
            } else if (end(&hashes[i])) {
                passed++;
            } else {
                failed++;
            }
        }
        count = kept;
    }
    printf("%ld pairs as libxcrypt, %ld not\n", passed, failed);
    return failed > 0;
}

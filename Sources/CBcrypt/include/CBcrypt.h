#ifndef CBCRYPT_H
#define CBCRYPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// bcrypt (Provos and Mazieres, "A Future-Adaptable Password Scheme", 1999) of up to four
// independent passwords at once on one core.
//
// One bcrypt spends most of its time waiting for its own loads: each step of Blowfish needs four
// words whose addresses the previous step determines. The steps of several passwords, taken in
// turn, fill that time. The results are those of crypt(3) for $2b$ and $2y$. For $2a$ crypt(3) adds
// its own precaution.
//
// The work is cut into runs of rounds, so that the caller may change the passwords between two
// runs. Nothing here allocates, blocks or keeps its own state.

// More lanes no longer fit into the L1 cache together: 4 KiB of tables each.
#define CBCRYPT_LANES_MAX 4

// The longest Blowfish key: bytes of a password with its NUL byte.
#define CBCRYPT_KEY_BYTES_MAX 72

#define CBCRYPT_SALT_BYTES 16
#define CBCRYPT_DIGEST_BYTES 23

// One password's hash in progress. It would reveal the password: cbcrypt_finish wipes it.
struct cbcrypt_lane;

// What the caller allocates for one, aligned as for a uint64_t.
size_t cbcrypt_lane_bytes(void);

// Whether this file was compiled with optimization. Without it a hash takes ten times as long.
bool cbcrypt_is_optimized(void);

// Begins the hash of a password.
//
// password: its first 71 bytes followed by a NUL byte, or its first 72 bytes, are the key, as in
// crypt(3), for which a password ends at a NUL byte: there must be none among them.
// cost: 4 to 31; the hash takes 2^cost rounds.
void cbcrypt_begin(struct cbcrypt_lane *lane, const uint8_t *password, size_t count,
                   const uint8_t salt[CBCRYPT_SALT_BYTES], unsigned cost);

// How many rounds are left to run.
uint64_t cbcrypt_rounds_left(const struct cbcrypt_lane *lane);

// Runs the lanes side by side: `rounds` of each, or as many as the one with the fewest has left.
//
// count: 1 to CBCRYPT_LANES_MAX; no lane may occur twice, and each must have rounds left.
void cbcrypt_run(struct cbcrypt_lane *const lanes[], int count, uint64_t rounds);

// Finishes a hash whose rounds are done: writes its digest and wipes the lane.
void cbcrypt_finish(struct cbcrypt_lane *lane, uint8_t digest[CBCRYPT_DIGEST_BYTES]);

#endif

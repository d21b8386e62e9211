// Writes a QR code as a PNG image with libpng.
//
// A separate C target, because libpng reports errors by longjmp: here it only jumps over C
// frames, to a setjmp in the same call.
#pragma once
#include <stddef.h>
#include <stdint.h>

// An image in memory. Free it with cqrimage_free.
struct cqrimage_png {
    uint8_t *bytes;
    size_t count;
};

// Makes a 1-bit grayscale PNG in which each module is a square.
//
// modules: side * side bytes, row by row; the lowest bit is 1 for a dark module.
// side: modules per side, at least 1.
// module_pixels: pixels per side of a module, at least 1.
// quiet_modules: light modules around the code.
// The caller bounds all three. Returns 0 and fills png, or -1 (no memory, or libpng refused)
// and leaves nothing allocated.
int cqrimage_write(const uint8_t *modules, size_t side, size_t module_pixels, size_t quiet_modules,
                   struct cqrimage_png *png);

// Wipes and frees an image; the code is as secret as its text.
void cqrimage_free(struct cqrimage_png *png);

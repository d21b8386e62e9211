#define _DEFAULT_SOURCE
#include "CQRImage.h"

#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

// Everything that one call owns. It is only changed between setjmp and longjmp through
// this memory, so no local variable can hold a stale value after a jump.
struct writer {
    uint8_t *bytes;
    size_t count;
    size_t capacity;
    uint8_t *row;
    size_t row_bytes;
    png_structp png;
    png_infop info;
    jmp_buf failed;
};

static void wipe_and_free(uint8_t *bytes, size_t count) {
    if (bytes == NULL) return;
    explicit_bzero(bytes, count);
    free(bytes);
}

static void fail(png_structp png, png_const_charp message) {
    (void)message;
    struct writer *writer = png_get_error_ptr(png);
    longjmp(writer->failed, 1);
}

// libpng would print warnings to standard error.
static void ignore_warning(png_structp png, png_const_charp message) {
    (void)png;
    (void)message;
}

// Not realloc: it would leave behind a copy that nobody wipes.
static void append(png_structp png, png_bytep bytes, png_size_t count) {
    struct writer *writer = png_get_io_ptr(png);
    if (count > writer->capacity - writer->count) {
        size_t capacity = writer->capacity * 2 + count;
        uint8_t *grown = malloc(capacity);
        if (grown == NULL) png_error(png, "no memory");
        if (writer->count > 0) memcpy(grown, writer->bytes, writer->count);
        wipe_and_free(writer->bytes, writer->capacity);
        writer->bytes = grown;
        writer->capacity = capacity;
    }
    memcpy(writer->bytes + writer->count, bytes, count);
    writer->count += count;
}

// libpng's and zlib's memory holds the rows and their compressed form: wiped like ours. The size
// is stored before each block, padded so that the block is aligned for any type.
static const size_t header_bytes = 16;

static png_voidp allocate(png_structp png, png_alloc_size_t count) {
    (void)png;
    if (count > SIZE_MAX - header_bytes) return NULL;
    uint8_t *block = malloc(header_bytes + count);
    if (block == NULL) return NULL;
    memcpy(block, &count, sizeof count);
    return block + header_bytes;
}

static void release(png_structp png, png_voidp bytes) {
    (void)png;
    if (bytes == NULL) return;
    uint8_t *block = (uint8_t *)bytes - header_bytes;
    png_alloc_size_t count;
    memcpy(&count, block, sizeof count);
    wipe_and_free(block, header_bytes + count);
}

static void flush(png_structp png) { (void)png; }

// Light is 1, as in grayscale. Bits after the last pixel stay 0.
static void fill_row(struct writer *writer, const uint8_t *modules, size_t side,
                     size_t module_pixels, size_t quiet_modules) {
    size_t across = side + 2 * quiet_modules;
    memset(writer->row, 0, writer->row_bytes);
    for (size_t column = 0; column < across; column++) {
        int in_code = column >= quiet_modules && column < quiet_modules + side;
        if (modules != NULL && in_code && (modules[column - quiet_modules] & 1)) continue;
        for (size_t pixel = column * module_pixels; pixel < (column + 1) * module_pixels; pixel++) {
            writer->row[pixel / 8] |= (uint8_t)(0x80 >> pixel % 8);
        }
    }
}

static void write_image(struct writer *writer, const uint8_t *modules, size_t side,
                        size_t module_pixels, size_t quiet_modules) {
    size_t across = side + 2 * quiet_modules;
    png_uint_32 pixels = (png_uint_32)(across * module_pixels);
    png_set_write_fn(writer->png, writer, append, flush);
    png_set_IHDR(writer->png, writer->info, pixels, pixels, 1, PNG_COLOR_TYPE_GRAY,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(writer->png, writer->info);
    for (size_t line = 0; line < across; line++) {
        int in_code = line >= quiet_modules && line < quiet_modules + side;
        const uint8_t *row = in_code ? modules + (line - quiet_modules) * side : NULL;
        fill_row(writer, row, side, module_pixels, quiet_modules);
        for (size_t pixel = 0; pixel < module_pixels; pixel++) {
            png_write_row(writer->png, writer->row);
        }
    }
    png_write_end(writer->png, NULL);
}

int cqrimage_write(const uint8_t *modules, size_t side, size_t module_pixels, size_t quiet_modules,
                   struct cqrimage_png *image) {
    struct writer *writer = calloc(1, sizeof *writer);
    if (writer == NULL) return -1;
    int result = -1;
    if (setjmp(writer->failed) == 0) {
        writer->png =
            png_create_write_struct_2(PNG_LIBPNG_VER_STRING, writer, fail, ignore_warning,
                                      NULL, allocate, release);
        writer->info = writer->png != NULL ? png_create_info_struct(writer->png) : NULL;
        writer->row_bytes = ((side + 2 * quiet_modules) * module_pixels + 7) / 8;
        writer->row = malloc(writer->row_bytes);
        if (writer->info != NULL && writer->row != NULL) {
            write_image(writer, modules, side, module_pixels, quiet_modules);
            image->bytes = writer->bytes;
            image->count = writer->count;
            writer->bytes = NULL;
            result = 0;
        }
    } else {
        // `result` was not changed since setjmp on this path, but its value is not guaranteed.
        result = -1;
    }
    png_destroy_write_struct(&writer->png, &writer->info);
    wipe_and_free(writer->row, writer->row_bytes);
    wipe_and_free(writer->bytes, writer->capacity);
    free(writer);
    return result;
}

void cqrimage_free(struct cqrimage_png *image) {
    wipe_and_free(image->bytes, image->count);
    image->bytes = NULL;
    image->count = 0;
}

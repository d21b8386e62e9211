// slow_sync: has each sync to the disk take longer, as disks in a network do.
//
//   cc -O2 -Wall -Wextra -shared -fPIC -o slow_sync.so slow_sync.c
//   LD_PRELOAD=./slow_sync.so SLOW_SYNC_MICROSECONDS=1000 PROGRAM

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <time.h>

static int synced(const char *name, int fd) {
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    int result = real(fd);
    int error = errno;
    const char *text = getenv("SLOW_SYNC_MICROSECONDS");
    long microseconds = text == NULL ? 0 : atol(text);
    struct timespec rest = {microseconds / 1000000, microseconds % 1000000 * 1000};
    while (nanosleep(&rest, &rest) != 0 && errno == EINTR) {
    }
    errno = error;
    return result;
}

int fdatasync(int fd) { return synced("fdatasync", fd); }

int fsync(int fd) { return synced("fsync", fd); }

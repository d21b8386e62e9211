// baselines: what the machine itself takes for the work that authd can't avoid.
//
//   cc -O2 -Wall -Wextra -o baselines baselines.c -lcrypt
//   ./baselines hash COST SECONDS       libxcrypt's bcrypt, one after the other: ms each
//   ./baselines sync DIRECTORY SECONDS  an appended 4 KiB page and fdatasync: writes a second

#define _GNU_SOURCE
#include <crypt.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { PAGE = 4096 };

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int hash(int cost, double seconds) {
    char setting[64];
    snprintf(setting, sizeof setting, "$2b$%02d$abcdefghijklmnopqrstuu", cost);
    static struct crypt_data data;
    int count = 0;
    double start = now(), elapsed = 0;
    do {
        const char *text = crypt_r("violet-anchor-93-trumpet", setting, &data);
        if (text == NULL || strncmp(text, setting, strlen(setting)) != 0) return 1;
        count++;
        elapsed = now() - start;
    } while (elapsed < seconds);
    printf("%.3f\n", elapsed * 1e3 / count);
    return 0;
}

static int sync_writes(const char *directory, double seconds) {
    int fd = open(directory, O_TMPFILE | O_RDWR, 0600);
    if (fd < 0) {
        perror(directory);
        return 1;
    }
    char page[PAGE];
    memset(page, 'a', sizeof page);
    int count = 0;
    double start = now(), elapsed = 0;
    do {
        if (write(fd, page, sizeof page) != sizeof page || fdatasync(fd) != 0) {
            perror("sync");
            return 1;
        }
        count++;
        elapsed = now() - start;
    } while (elapsed < seconds);
    printf("%.1f\n", count / elapsed);
    return 0;
}

int main(int argc, char **argv) {
    if (argc == 4 && strcmp(argv[1], "hash") == 0) return hash(atoi(argv[2]), atof(argv[3]));
    if (argc == 4 && strcmp(argv[1], "sync") == 0) return sync_writes(argv[2], atof(argv[3]));
    fprintf(stderr, "usage: baselines hash COST SECONDS | sync DIRECTORY SECONDS\n");
    return 2;
}

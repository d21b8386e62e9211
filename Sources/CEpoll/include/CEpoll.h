// The calls that Swift's Glibc module lacks, or has without _GNU_SOURCE: epoll, eventfd,
// timerfd, accept4, SO_PEERCRED, per-thread priority and mallopt; and recv and send in a cheaper
// form. Plain functions in CEpoll.c, not static inline: only there can _GNU_SOURCE come before the
// first system header.

#ifndef CEPOLL_H
#define CEPOLL_H

#include <stddef.h>
#include <stdint.h>

// One ready descriptor. Not struct epoll_event, which is packed on x86-64.
struct cepoll_ready {
    uint64_t token;
    uint32_t events;
};

// What the kernel says about the process at the other end of a Unix socket.
struct cepoll_credentials {
    int32_t pid;
    uint32_t uid;
    uint32_t gid;
};

enum { CEPOLL_READY_MAX = 256 };

// The kernel's numbers, compared with its header in CEpoll.c: constants that Swift can fold.
static const uint32_t cepoll_in = 0x001;
static const uint32_t cepoll_out = 0x004;
static const uint32_t cepoll_error = 0x008;
static const uint32_t cepoll_hangup = 0x010;
static const uint32_t cepoll_peer_closed = 0x2000;
static const uint32_t cepoll_edge = 1u << 31;

// Each returns -1 and sets errno on failure, like the call it wraps.
int cepoll_create(void);
int cepoll_add(int epoll, int fd, uint32_t events, uint64_t token);
int cepoll_modify(int epoll, int fd, uint32_t events, uint64_t token);
int cepoll_remove(int epoll, int fd);
// Fills at most CEPOLL_READY_MAX entries. Clears the registers first, as below: it may wait long.
int cepoll_wait(int epoll, struct cepoll_ready *ready, int timeout_milliseconds);

int cepoll_eventfd(void);
// A timer on CLOCK_BOOTTIME, the clock of Swift's ContinuousClock.
int cepoll_timerfd(void);
// Arms it for an absolute time; 0 disarms it.
int cepoll_timerfd_arm(int timer, uint64_t nanoseconds);

// accept4 with SOCK_NONBLOCK and SOCK_CLOEXEC.
int cepoll_accept(int listener);
// recv, and send with MSG_NOSIGNAL, without being thread cancellation points (nobody
// cancels one here): glibc's pay two atomic operations for that in a program with threads.
long cepoll_receive(int socket, void *buffer, size_t count);
long cepoll_send(int socket, const void *bytes, size_t count);
// What the peer has not taken of what was sent (SIOCOUTQ: a variadic ioctl, out of Swift's reach); 0
// when the kernel does not say.
int cepoll_untaken(int socket);
int cepoll_peer_credentials(int socket, struct cepoll_credentials *credentials);
// Raises the nice value of the calling thread alone (a variadic syscall is out of Swift's reach).
int cepoll_set_thread_nice(int nice);
int cepoll_thread_nice(void);
// Makes malloc share at most `count` heaps ("arenas") among all threads; for the start, before
// there are more.
void cepoll_set_arena_max(int count);
// Zeroes the vector registers. memcpy goes through them, so an idle thread would keep the last 64
// bytes that it copied, which may belong to a password or token, in every image of the process.
void cepoll_clear_registers(void);

#endif

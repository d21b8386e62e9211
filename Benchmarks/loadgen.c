// loadgen: closed-loop ttRPC load generator for unary calls over a Unix socket.
//
// One thread, one epoll set. Each of C connections keeps P requests in flight;
// a reply frees its slot and the next request goes out at once. Prints
// throughput, latency percentiles and, with -i, the CPU time and memory of
// the server process over the measured window. With -R each connection keeps
// one refresh token going: the answer's token is the next request.
//
//   cc -O2 -Wall -Wextra -o loadgen loadgen.c
//   ./loadgen -s a.sock -c 16 -p 1 -t 3 -i "$SERVER_PID"

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum {
    HEADER = 10,             // u32 length, u32 stream id, u8 type, u8 flags; big-endian
    TYPE_REQUEST = 1,
    TYPE_RESPONSE = 2,
    MAX_FRAME = 4 << 20,
    READ_CHUNK = 64 << 10,
    TOKEN_MAX = 2048,
};

static _Noreturn void die(const char *what) {
    if (errno) fprintf(stderr, "loadgen: %s: %s\n", what, strerror(errno));
    else fprintf(stderr, "loadgen: %s\n", what);
    exit(1);
}

static void *xalloc(size_t n) {
    void *p = calloc(1, n);
    if (!p) die("out of memory");
    return p;
}

static uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

// ---- latency histogram: 64 linear steps per power of two (under 1.6% error)

enum { SUB_BITS = 6, SUB = 1 << SUB_BITS, BUCKETS = (64 - SUB_BITS + 1) * SUB };
static uint64_t histogram[BUCKETS];

static unsigned bucket_of(uint64_t v) {
    if (v < SUB) return (unsigned)v;
    unsigned shift = 63 - (unsigned)__builtin_clzll(v) - SUB_BITS;
    return (shift + 1) * SUB + (unsigned)((v >> shift) & (SUB - 1));
}

static uint64_t bucket_value(unsigned b) {
    if (b < SUB) return b;
    unsigned shift = b / SUB - 1;
    return ((uint64_t)(SUB + b % SUB) << shift) + ((1ull << shift) >> 1);
}

static double percentile_us(double q, uint64_t total) {
    uint64_t want = (uint64_t)((double)total * q), seen = 0;
    for (unsigned b = 0; b < BUCKETS; b++) {
        seen += histogram[b];
        if (seen > want) return (double)bucket_value(b) / 1000.0;
    }
    return 0;
}

// ---- protobuf, as much of it as ttRPC's two messages need

static size_t put_varint(uint8_t *p, uint64_t v) {
    size_t n = 0;
    for (; v >= 0x80; v >>= 7) p[n++] = (uint8_t)(v | 0x80);
    p[n++] = (uint8_t)v;
    return n;
}

static size_t put_bytes(uint8_t *p, unsigned field, const void *data, size_t len) {
    if (len == 0) return 0;
    size_t n = put_varint(p, field << 3 | 2);
    n += put_varint(p + n, len);
    memcpy(p + n, data, len);
    return n + len;
}

static bool get_varint(const uint8_t **p, const uint8_t *end, uint64_t *out) {
    uint64_t v = 0;
    for (unsigned shift = 0; *p < end && shift < 64; shift += 7) {
        uint8_t b = *(*p)++;
        v |= (uint64_t)(b & 0x7f) << shift;
        if (!(b & 0x80)) { *out = v; return true; }
    }
    return false;
}

struct response { uint64_t code; const uint8_t *payload; size_t payload_len; };

// Reads Response{ Status status = 1 { int32 code = 1 }, bytes payload = 2 }.
static bool parse_message(const uint8_t *p, const uint8_t *end, bool inside_status,
                          struct response *r) {
    while (p < end) {
        uint64_t tag, v;
        if (!get_varint(&p, end, &tag)) return false;
        if ((tag & 7) != 0 && (tag & 7) != 2) return false;
        if (!get_varint(&p, end, &v)) return false;
        if ((tag & 7) == 0) {
            if (inside_status && tag >> 3 == 1) r->code = v;
            continue;
        }
        if (v > (uint64_t)(end - p)) return false;
        if (!inside_status && tag >> 3 == 1 && !parse_message(p, p + v, true, r)) return false;
        if (!inside_status && tag >> 3 == 2) { r->payload = p; r->payload_len = v; }
        p += v;
    }
    return true;
}

static uint32_t be32(const uint8_t *p) {
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void put_be32(uint8_t *p, uint32_t v) {
    p[0] = (uint8_t)(v >> 24); p[1] = (uint8_t)(v >> 16); p[2] = (uint8_t)(v >> 8); p[3] = (uint8_t)v;
}

// ---- options

static const char *socket_path, *service = "bench.Echo", *method = "Echo";
static unsigned connections = 1, inflight = 1;
static uint64_t request_limit;          // 0: by time
static double seconds = 3, warmup = 0.5;
static bool check_echo, one_line;
static const char *tokens_path;
static long server_pid;
static uint8_t *payload;
static size_t payload_len;

// ---- connections

struct slot { uint32_t id; uint64_t sent; };    // id 0: free

struct conn {
    int fd;
    uint8_t *chain;                     // with -R: the next request of this connection
    size_t chain_len;
    bool want_write;
    uint32_t next_id;
    struct slot *slots;
    uint8_t *in, *out;
    size_t in_len, in_cap, out_pos, out_len, out_cap;
};

static uint8_t *frame;                  // the request; only its stream id changes
static size_t frame_len;
static unsigned slot_mask;
static int epoll_fd;
static struct conn *conns;

static bool measuring, draining;
static uint64_t issued, completed, outstanding, failures, reads, writes;

// Stream ids must rise, but may skip: an id whose slot is still taken is passed over.
static void issue(struct conn *c, uint64_t now) {
    struct slot *s;
    while ((s = &c->slots[(c->next_id >> 1) & slot_mask])->id != 0) c->next_id += 2;
    if (c->next_id >= 0x7ffffff0u) die("stream ids used up");
    s->id = c->next_id;
    s->sent = now;
    c->next_id += 2;
    uint8_t *p = c->out + c->out_len;
    size_t len = c->chain ? c->chain_len : frame_len;
    memcpy(p, c->chain ? c->chain : frame, len);
    put_be32(p + 4, s->id);
    c->out_len += len;
    outstanding++;
    if (measuring) issued++;
}

static void flush(struct conn *c) {
    while (c->out_pos < c->out_len) {
        ssize_t n = write(c->fd, c->out + c->out_pos, c->out_len - c->out_pos);
        writes++;
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && errno != EAGAIN) die("write");
        if (n < 0) break;
        c->out_pos += (size_t)n;
    }
    bool blocked = c->out_pos < c->out_len;
    if (!blocked) c->out_pos = c->out_len = 0;
    else if (c->out_pos > 0) {
        memmove(c->out, c->out + c->out_pos, c->out_len - c->out_pos);
        c->out_len -= c->out_pos;
        c->out_pos = 0;
    }
    if (blocked != c->want_write) {
        struct epoll_event ev = {.events = EPOLLIN | (blocked ? EPOLLOUT : 0), .data.ptr = c};
        if (epoll_ctl(epoll_fd, EPOLL_CTL_MOD, c->fd, &ev) < 0) die("epoll_ctl");
        c->want_write = blocked;
    }
}

// Finds a length-delimited field of a message.
static bool find_field(const uint8_t *p, size_t len, unsigned field, const uint8_t **data,
                       size_t *data_len) {
    const uint8_t *end = p + len;
    while (p < end) {
        uint64_t tag, v;
        if (!get_varint(&p, end, &tag) || !get_varint(&p, end, &v)) return false;
        if ((tag & 7) == 0) continue;
        if ((tag & 7) != 2 || v > (uint64_t)(end - p)) return false;
        if (tag >> 3 == field) {
            *data = p;
            *data_len = (size_t)v;
            return true;
        }
        p += v;
    }
    return false;
}

static void chain_request(struct conn *c, const uint8_t *token, size_t len) {
    uint8_t message[TOKEN_MAX + 16];
    if (len > TOKEN_MAX) { errno = EMSGSIZE; die("token"); }
    size_t n = put_bytes(message, 1, token, len);
    uint8_t *p = c->chain + HEADER;
    p += put_bytes(p, 1, service, strlen(service));
    p += put_bytes(p, 2, method, strlen(method));
    p += put_bytes(p, 3, message, n);
    c->chain_len = (size_t)(p - c->chain);
    put_be32(c->chain, (uint32_t)(c->chain_len - HEADER));
    c->chain[8] = TYPE_REQUEST;
}

// RefreshResponse { TokenPair tokens = 1 { string refresh_token = 3 } }
static bool chain_next(struct conn *c, const uint8_t *p, size_t len) {
    const uint8_t *tokens, *token;
    size_t tokens_len, token_len;
    if (!find_field(p, len, 1, &tokens, &tokens_len)) return false;
    if (!find_field(tokens, tokens_len, 3, &token, &token_len)) return false;
    chain_request(c, token, token_len);
    return true;
}

static void complete(struct conn *c, const uint8_t *p, uint32_t len, uint64_t now) {
    uint32_t id = be32(p + 4);
    struct slot *s = &c->slots[(id >> 1) & slot_mask];
    if (p[8] != TYPE_RESPONSE || id == 0 || s->id != id) { errno = 0; die("unexpected frame"); }
    s->id = 0;
    outstanding--;
    struct response r = {0};
    bool ok = parse_message(p + HEADER, p + HEADER + len, false, &r) && r.code == 0;
    if (ok && check_echo)
        ok = r.payload_len == payload_len && memcmp(r.payload, payload, payload_len) == 0;
    if (ok && c->chain) ok = chain_next(c, r.payload, r.payload_len);
    if (!ok) failures++;
    if (measuring) {
        completed++;
        histogram[bucket_of(now - s->sent)]++;
    }
}

static void receive(struct conn *c) {
    if (c->in_cap - c->in_len < READ_CHUNK) {
        c->in_cap = c->in_len + READ_CHUNK;
        if (!(c->in = realloc(c->in, c->in_cap))) die("out of memory");
    }
    ssize_t n = read(c->fd, c->in + c->in_len, c->in_cap - c->in_len);
    reads++;
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n < 0) die("read");
    if (n == 0) { errno = 0; die("the server closed a connection"); }
    c->in_len += (size_t)n;

    uint64_t now = now_ns();
    size_t pos = 0;
    while (c->in_len - pos >= HEADER) {
        uint32_t len = be32(c->in + pos);
        if (len > MAX_FRAME) { errno = 0; die("oversized frame"); }
        if (c->in_len - pos < HEADER + (size_t)len) break;
        complete(c, c->in + pos, len, now);
        pos += HEADER + (size_t)len;
        if (!draining && !(measuring && request_limit && issued >= request_limit)) issue(c, now);
    }
    memmove(c->in, c->in + pos, c->in_len - pos);
    c->in_len -= pos;
    flush(c);
}

static void connect_one(struct conn *c) {
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    if (strlen(socket_path) >= sizeof a.sun_path) { errno = ENAMETOOLONG; die(socket_path); }
    strcpy(a.sun_path, socket_path);
    c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (c->fd < 0) die("socket");
    while (connect(c->fd, (struct sockaddr *)&a, sizeof a) < 0)
        if (errno != EINTR) die("connect");
    if (fcntl(c->fd, F_SETFL, O_NONBLOCK) < 0) die("fcntl");
    c->next_id = 1;
    c->slots = xalloc((slot_mask + 1) * sizeof *c->slots);
    c->out_cap = (size_t)inflight * (frame_len + TOKEN_MAX);
    c->out = xalloc(c->out_cap);
    struct epoll_event ev = {.events = EPOLLIN, .data.ptr = c};
    if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, c->fd, &ev) < 0) die("epoll_ctl");
}

// Runs the loop until `until`, or until nothing is outstanding when asked to stop then.
static void run(uint64_t until, bool stop_when_idle) {
    struct epoll_event events[256];
    for (;;) {
        if (stop_when_idle && outstanding == 0) return;
        uint64_t now = now_ns();
        if (now >= until) return;
        int n = epoll_wait(epoll_fd, events, 256, (int)((until - now) / 1000000) + 1);
        if (n < 0 && errno != EINTR) die("epoll_wait");
        for (int i = 0; i < n; i++) {
            struct conn *c = events[i].data.ptr;
            if (events[i].events & EPOLLOUT) flush(c);
            if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) receive(c);
        }
    }
}

// ---- the server process, as /proc shows it

struct usage { double user, system; long rss_kib, threads; };

static struct usage server_usage(void) {
    struct usage u = {0};
    if (!server_pid) return u;
    char path[64], text[4096];
    snprintf(path, sizeof path, "/proc/%ld/stat", server_pid);
    FILE *f = fopen(path, "r");
    if (!f) die(path);
    size_t n = fread(text, 1, sizeof text - 1, f);
    fclose(f);
    text[n] = 0;
    char *p = strrchr(text, ')');
    long utime, stime, threads, pages;
    if (!p || sscanf(p + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %ld %ld %*d %*d %*d %*d "
                            "%ld %*d %*u %*u %ld", &utime, &stime, &threads, &pages) != 4) {
        errno = 0;
        die("cannot read the server's /proc stat");
    }
    double tick = (double)sysconf(_SC_CLK_TCK);
    u.user = (double)utime / tick;
    u.system = (double)stime / tick;
    u.threads = threads;
    u.rss_kib = pages * (sysconf(_SC_PAGESIZE) / 1024);
    return u;
}

// ---- command line

static void payload_from_hex(const char *hex) {
    size_t n = strlen(hex);
    payload = xalloc(n / 2 + 1);
    payload_len = n / 2;
    for (size_t i = 0; i < payload_len; i++) {
        unsigned b;
        if (sscanf(hex + 2 * i, "%2x", &b) != 1) { errno = EINVAL; die("-x"); }
        payload[i] = (uint8_t)b;
    }
}

static void payload_from_file(const char *name) {
    FILE *f = fopen(name, "rb");
    if (!f) die(name);
    payload = xalloc(MAX_FRAME);
    payload_len = fread(payload, 1, MAX_FRAME - 1024, f);
    fclose(f);
}

// A protobuf message of exactly n bytes: field 1, filled with 'a' (a BytesValue).
static void payload_of_size(size_t n) {
    payload = xalloc(n + 16);
    payload_len = 0;
    if (n < 2) return;
    uint8_t head[12];
    size_t body = n - 2;
    while (body > 0 && 1 + put_varint(head, body) + body > n) body--;
    payload[0] = 0x0a;
    size_t h = 1 + put_varint(payload + 1, body);
    memset(payload + h, 'a', body);
    payload_len = h + body;
}

// Gives each connection the token of its line.
static void read_tokens(void) {
    FILE *f = fopen(tokens_path, "r");
    if (!f) die(tokens_path);
    char line[TOKEN_MAX + 2];
    for (unsigned i = 0; i < connections; i++) {
        if (!fgets(line, sizeof line, f)) { errno = 0; die("fewer tokens than connections"); }
        conns[i].chain = xalloc(HEADER + strlen(service) + strlen(method) + TOKEN_MAX + 64);
        chain_request(&conns[i], (const uint8_t *)line, strcspn(line, "\n"));
    }
    fclose(f);
}

static void usage(void) {
    fprintf(stderr,
            "usage: loadgen -s SOCKET [options]\n"
            "  -c N     connections (1)            -p N     requests in flight on each (1)\n"
            "  -t SEC   measured seconds (3)       -n N     measured requests, instead of -t\n"
            "  -w SEC   warm-up seconds (0.5)      -i PID   report this process's CPU and RSS\n"
            "  -S NAME  service (bench.Echo)       -M NAME  method (Echo)\n"
            "  -b N     payload of N bytes (64)    -x HEX   payload in hex    -f FILE payload\n"
            "  -R FILE  a refresh token for each connection; needs -p 1\n"
            "  -e       fail unless the reply's payload equals the request's\n"
            "  -l       one line of key=value pairs\n");
    exit(2);
}

static void build_frame(void) {
    if (payload_len > MAX_FRAME - 1024) { errno = EMSGSIZE; die("payload"); }
    frame = xalloc(HEADER + strlen(service) + strlen(method) + payload_len + 64);
    uint8_t *p = frame + HEADER;
    p += put_bytes(p, 1, service, strlen(service));
    p += put_bytes(p, 2, method, strlen(method));
    p += put_bytes(p, 3, payload, payload_len);
    frame_len = (size_t)(p - frame);
    put_be32(frame, (uint32_t)(frame_len - HEADER));
    frame[8] = TYPE_REQUEST;
}

int main(int argc, char **argv) {
    payload_of_size(64);
    for (int o; (o = getopt(argc, argv, "s:c:p:n:t:w:S:M:b:x:f:i:R:elh")) != -1;) switch (o) {
        case 's': socket_path = optarg; break;
        case 'c': connections = (unsigned)strtoul(optarg, NULL, 10); break;
        case 'p': inflight = (unsigned)strtoul(optarg, NULL, 10); break;
        case 'n': request_limit = strtoull(optarg, NULL, 10); break;
        case 't': seconds = strtod(optarg, NULL); break;
        case 'w': warmup = strtod(optarg, NULL); break;
        case 'S': service = optarg; break;
        case 'M': method = optarg; break;
        case 'b': free(payload); payload_of_size(strtoul(optarg, NULL, 10)); break;
        case 'x': free(payload); payload_from_hex(optarg); break;
        case 'f': free(payload); payload_from_file(optarg); break;
        case 'i': server_pid = strtol(optarg, NULL, 10); break;
        case 'R': tokens_path = optarg; break;
        case 'e': check_echo = true; break;
        case 'l': one_line = true; break;
        default: usage();
    }
    if (!socket_path || !connections || !inflight || optind != argc) usage();
    if (tokens_path && inflight != 1) usage();
    build_frame();
    signal(SIGPIPE, SIG_IGN);

    unsigned slots = 4;
    while (slots < 2 * inflight) slots *= 2;
    slot_mask = slots - 1;
    if ((epoll_fd = epoll_create1(EPOLL_CLOEXEC)) < 0) die("epoll_create1");
    struct usage idle = server_usage();
    conns = xalloc(connections * sizeof *conns);
    for (unsigned i = 0; i < connections; i++) connect_one(&conns[i]);
    if (tokens_path) read_tokens();

    for (unsigned i = 0; i < connections; i++) {
        uint64_t now = now_ns();
        for (unsigned k = 0; k < inflight; k++) issue(&conns[i], now);
        flush(&conns[i]);
    }
    run(now_ns() + (uint64_t)(warmup * 1e9), false);

    struct usage before = server_usage();
    reads = writes = 0;
    measuring = true;
    uint64_t start = now_ns();
    run(request_limit ? UINT64_MAX : start + (uint64_t)(seconds * 1e9), request_limit != 0);
    uint64_t end = now_ns();
    struct usage after = server_usage();
    measuring = false;
    draining = true;
    uint64_t total = completed;
    run(now_ns() + 5000000000u, true);
    if (outstanding) failures += outstanding;

    double wall = (double)(end - start) / 1e9;
    double rate = (double)total / wall;
    double p50 = percentile_us(0.50, total), p99 = percentile_us(0.99, total),
           p999 = percentile_us(0.999, total), worst = percentile_us(1.0 - 1e-12, total);
    double per = total ? 1e6 / (double)total : 0;
    double user = (after.user - before.user) * per, sys = (after.system - before.system) * per;
    double batch = reads ? (double)total / (double)reads : 0;
    if (one_line) {
        printf("conns=%u inflight=%u requests=%" PRIu64 " rps=%.0f p50_us=%.1f p99_us=%.1f "
               "p999_us=%.1f max_us=%.1f cpu_us=%.3f user_us=%.3f sys_us=%.3f rss_idle_kib=%ld "
               "rss_load_kib=%ld threads=%ld replies_per_read=%.2f failures=%" PRIu64 "\n",
               connections, inflight, total, rate, p50, p99, p999, worst, user + sys, user, sys,
               idle.rss_kib, after.rss_kib, after.threads, batch, failures);
    } else {
        printf("%u connections x %u in flight, %zu-byte payload\n", connections, inflight, payload_len);
        printf("  %" PRIu64 " requests in %.2f s: %.0f/s, %.2f replies per read, %" PRIu64 " failures\n",
               total, wall, rate, batch, failures);
        printf("  latency us: p50 %.1f  p99 %.1f  p99.9 %.1f  max %.1f\n", p50, p99, p999, worst);
        if (server_pid)
            printf("  server: %.3f us CPU per request (%.3f user, %.3f system), %ld threads, "
                   "RSS %ld KiB before, %ld KiB under load\n",
                   user + sys, user, sys, after.threads, idle.rss_kib, after.rss_kib);
    }
    return failures ? 1 : 0;
}

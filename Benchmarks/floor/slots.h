// Shared by the floors that have slots: the peers of a file, their slots, and the lateness. The slots
// are those of the service: the same hash, the same grid, the same quick first pass.
#pragma once

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SECOND INT64_C(1000000000)
#define FIRST_PASS_SPAN (2 * SECOND)
#define FIRST_PASS_SPACING (SECOND / 2000)

__extension__ typedef unsigned __int128 wide;

struct peer {
    char *url;
    int64_t phase;     // nanoseconds into the interval
    int64_t last;      // start of its last pull, 0 before the first
    int is_under_way;
};

// All slots in the order of time: the peers are sorted by phase and visited in turn.
struct slots {
    struct peer *peers;
    size_t count;
    int64_t interval;
    int64_t began;     // start of the first pass
    int64_t round;     // start of the current round of the grid
    size_t next;
    int is_first_pass;
};

// A histogram of lateness: each slot counts for the first bound that it does not exceed.
static const double late_bounds[] = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01,
                                     0.025,  0.05,    0.1,    0.25,  0.5,    1,     2.5, 5};
#define LATE_BOUNDS (sizeof late_bounds / sizeof *late_bounds)
struct lateness {
    uint64_t counts[LATE_BOUNDS + 1];
};

static inline void fail(const char *what) {
    perror(what);
    exit(1);
}

static inline int64_t clock_ns(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (int64_t)time.tv_sec * SECOND + time.tv_nsec;
}

static inline uint64_t mixed(uint64_t hash, const char *text) {
    for (const char *byte = text; *byte; byte++)
        hash = (hash ^ (unsigned char)*byte) * 0x100000001b3u;
    return hash;
}

static inline int64_t fraction(uint64_t hash, int64_t whole) {
    hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccdu;
    hash = (hash ^ (hash >> 33)) * 0xc4ceb9fe1a85ec53u;
    hash ^= hash >> 33;
    return (int64_t)((wide)hash * (uint64_t)whole >> 64);
}

static inline int64_t phase_of(const char *node, const char *url, int64_t interval) {
    const uint64_t start = mixed(0xcbf29ce484222325u, node);
    const uint64_t pair = mixed(start * 0x100000001b3u, url); // the zero byte between the two
    const int64_t tens = (interval + SECOND / 100 - 1) / (SECOND / 100);
    const int64_t places = tens > 20 ? tens : 20;
    const int64_t step = interval / places;
    return fraction(pair, places) * step + fraction(start, step);
}

static inline int by_phase(const void *left, const void *right) {
    const struct peer *a = left, *b = right;
    return (a->phase > b->phase) - (a->phase < b->phase);
}

// Reads the peers of a file, one base URL per line; `path` is appended to each.
static inline struct slots read_slots(const char *file, const char *path, double interval) {
    struct slots slots = {
        .interval = (int64_t)(interval * 1e9), .is_first_pass = 1};
    FILE *lines = fopen(file, "r");
    if (!lines) fail(file);
    size_t room = 0, size = 0;
    char *line = NULL;
    for (ssize_t length; (length = getline(&line, &size, lines)) > 0;) {
        while (length > 0 && line[length - 1] == '\n') line[--length] = 0;
        if (length == 0) continue;
        if (slots.count == room) {
            room = room ? 2 * room : 64;
            slots.peers = realloc(slots.peers, room * sizeof *slots.peers);
            if (!slots.peers) fail("peers");
        }
        char *url = malloc((size_t)length + strlen(path) + 1);
        if (!url) fail("peers");
        strcpy(stpcpy(url, line), path);
        slots.peers[slots.count++] =
            (struct peer){.url = url, .phase = phase_of("bench", line, slots.interval)};
    }
    free(line);
    fclose(lines);
    if (slots.count == 0) fail("no peers");
    qsort(slots.peers, slots.count, sizeof *slots.peers, by_phase);
    slots.began = clock_ns(CLOCK_MONOTONIC);
    return slots;
}

// The time of the next slot.
static inline int64_t next_slot(const struct slots *slots) {
    if (!slots->is_first_pass) return slots->round + slots->peers[slots->next].phase;
    const int64_t span = slots->interval < FIRST_PASS_SPAN ? slots->interval : FIRST_PASS_SPAN;
    const int64_t spacing = span / (int64_t)slots->count;
    return slots->began +
        (int64_t)slots->next * (spacing > FIRST_PASS_SPACING ? spacing : FIRST_PASS_SPACING);
}

// Advances to the next slot.
static inline void pass_slot(struct slots *slots) {
    if (++slots->next < slots->count) return;
    slots->next = 0;
    slots->round += slots->interval;
    if (!slots->is_first_pass) return;
    slots->is_first_pass = 0;
    const int64_t now = clock_ns(CLOCK_MONOTONIC);
    const int64_t wall_offset = clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_MONOTONIC);
    slots->round = now - (now + wall_offset) % slots->interval;
    while (next_slot(slots) < now) {
        if (++slots->next < slots->count) continue;
        slots->next = 0;
        slots->round += slots->interval;
    }
}

static inline void note_lateness(struct lateness *lateness, int64_t nanoseconds) {
    const double seconds = (double)nanoseconds / 1e9;
    size_t place = 0;
    while (place < LATE_BOUNDS && seconds > late_bounds[place]) place++;
    lateness->counts[place]++;
}

// Prints a JSON member: pairs of a bound and the number of slots at or below it.
static inline void print_lateness(const struct lateness *lateness) {
    uint64_t sum = 0;
    printf("\"late\":[");
    for (size_t place = 0; place < LATE_BOUNDS; place++) {
        sum += lateness->counts[place];
        printf("[%g,%" PRIu64 "],", late_bounds[place], sum);
    }
    printf("[1e999,%" PRIu64 "]]", sum + lateness->counts[LATE_BOUNDS]);
}

// The lowest cost of pulling with libcurl: one thread, one epoll, a multi handle for each 64 peers, a
// fixed pool of easy handles. It has the schedule and the libcurl options of the service, and only
// checks the status of a response and counts its bytes. It keeps as many connections as the limit of
// open files allows; the other peers get a new connection for each pull.
//
//     pull FILE INTERVAL TIMEOUT PLACES [lists] [CA=FILE]     times in seconds
//
// With `lists`, libcurl uses free lists like the service, instead of malloc(3). CA is the PEM file of
// the authorities of https peers.
// SIGUSR1 prints the counters since the start as a line of JSON.
#define _GNU_SOURCE
#include "slots.h"

#include <CMalloc.h>
#include <curl/curl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define PATH "/federation/sync/summary"
#define SHARD 64
#define NEVER INT64_MAX

struct shard {
    CURLM *multi;
    uint32_t index;
    int running;
};

struct transfer {
    CURL *easy;
    struct peer *peer;
};

static struct slots slots;
static struct shard *shards;
static int64_t *timers; // the next timer of each shard
static size_t shard_count, kept_count;
static struct transfer **idle;
static size_t idle_count;
static int epoll;
// The events for which each descriptor is watched, and those that libcurl wants.
static uint32_t *watched, *wanted;
static struct lateness lateness;
static uint64_t good, bad, missed, bytes;
static volatile sig_atomic_t must_report;

// An idle connection stays watched, because libcurl will want the same events again.
static int on_socket(CURL *easy, curl_socket_t socket, int what, void *context, void *unused) {
    (void)easy, (void)unused;
    const struct shard *shard = context;
    wanted[socket] = what == CURL_POLL_REMOVE ? 0
        : (what & CURL_POLL_IN ? (uint32_t)EPOLLIN : 0) |
            (what & CURL_POLL_OUT ? (uint32_t)EPOLLOUT : 0);
    if (wanted[socket] == 0 || wanted[socket] == watched[socket]) return 0;
    struct epoll_event event = {
        .events = wanted[socket], .data.u64 = (uint64_t)shard->index << 32 | (uint32_t)socket};
    const int call = watched[socket] ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    if (epoll_ctl(epoll, call, socket, &event) != 0) fail("epoll_ctl");
    watched[socket] = wanted[socket];
    return 0;
}

static int on_close(void *unused, curl_socket_t socket) {
    (void)unused;
    watched[socket] = wanted[socket] = 0;
    return close(socket);
}

static int on_timer(CURLM *multi, long milliseconds, void *context) {
    (void)multi;
    const struct shard *shard = context;
    timers[shard->index] =
        milliseconds < 0 ? NEVER : clock_ns(CLOCK_MONOTONIC) + milliseconds * 1000000;
    return 0;
}

static size_t on_body(char *data, size_t one, size_t count, void *unused) {
    (void)data, (void)one, (void)unused;
    bytes += count;
    return count;
}

static void on_signal(int signal) {
    (void)signal;
    must_report = 1;
}

static struct transfer *make_transfer(
    long timeout_ms, struct curl_slist *headers, const char *authorities) {
    struct transfer *transfer = calloc(1, sizeof *transfer);
    CURL *easy = curl_easy_init();
    if (!transfer || !easy) fail("transfer");
    transfer->easy = easy;
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "nova-federation/0.0.0");
    curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, 3600L);
    curl_easy_setopt(easy, CURLOPT_DNS_CACHE_TIMEOUT, 0L);
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
    curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, 1024L);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, on_close);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, timeout_ms);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
    // With CAPATH, libcurl would read the authorities again for each connection.
    curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    if (authorities) curl_easy_setopt(easy, CURLOPT_CAINFO, authorities);
    return transfer;
}

static void make_shards(void) {
    shard_count = (slots.count + SHARD - 1) / SHARD;
    shards = calloc(shard_count, sizeof *shards);
    timers = calloc(shard_count, sizeof *timers);
    if (!shards || !timers) fail("shards");
    for (size_t index = 0; index < shard_count; index++) {
        struct shard *shard = &shards[index];
        *shard = (struct shard){.multi = curl_multi_init(), .index = (uint32_t)index};
        if (!shard->multi) fail("curl_multi_init");
        timers[index] = NEVER;
        curl_multi_setopt(shard->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
        curl_multi_setopt(shard->multi, CURLMOPT_SOCKETDATA, shard);
        curl_multi_setopt(shard->multi, CURLMOPT_TIMERFUNCTION, on_timer);
        curl_multi_setopt(shard->multi, CURLMOPT_TIMERDATA, shard);
        curl_multi_setopt(shard->multi, CURLMOPT_MAXCONNECTS, (long)SHARD);
    }
}

static void act(struct shard *shard, curl_socket_t socket, int mask) {
    int running = 0;
    curl_multi_socket_action(shard->multi, socket, mask, &running);
    if (running >= shard->running) return;
    shard->running = running;
    int left = 0;
    for (CURLMsg *message; (message = curl_multi_info_read(shard->multi, &left));) {
        CURL *easy = message->easy_handle;
        const CURLcode code = message->data.result;
        struct transfer *transfer = NULL;
        long status = 0;
        curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
        curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
        curl_multi_remove_handle(shard->multi, easy);
        if (code == CURLE_OK && status == 200)
            good++;
        else
            bad++;
        transfer->peer->is_under_way = 0;
        idle[idle_count++] = transfer;
    }
}

static void start(struct peer *peer, int64_t now) {
    struct shard *shard = &shards[(size_t)(peer - slots.peers) / SHARD];
    struct transfer *transfer = idle[--idle_count];
    transfer->peer = peer;
    peer->last = now;
    peer->is_under_way = 1;
    curl_easy_setopt(transfer->easy, CURLOPT_URL, peer->url);
    const int is_kept = (size_t)(peer - slots.peers) < kept_count;
    curl_easy_setopt(transfer->easy, CURLOPT_FORBID_REUSE, is_kept ? 0L : 1L);
    if (curl_multi_add_handle(shard->multi, transfer->easy) != CURLM_OK) fail("add");
    shard->running++;
    // libcurl requests an immediate call.
    timers[shard->index] = NEVER;
    act(shard, CURL_SOCKET_TIMEOUT, 0);
}

static void start_due(int64_t now) {
    while (idle_count > 0) {
        const int64_t slot = next_slot(&slots);
        if (slot > now) return;
        struct peer *peer = &slots.peers[slots.next];
        pass_slot(&slots);
        // The first slot after the first pass may be too early.
        if (peer->last && slot - peer->last < slots.interval / 2) continue;
        if (peer->is_under_way || now - slot >= slots.interval / 2) {
            missed++;
            continue;
        }
        note_lateness(&lateness, now - slot);
        start(peer, now);
    }
}

static int64_t fire_timers(int64_t now) {
    int64_t next = NEVER;
    for (size_t index = 0; index < shard_count; index++) {
        if (timers[index] <= now) {
            timers[index] = NEVER;
            act(&shards[index], CURL_SOCKET_TIMEOUT, 0);
        }
        if (timers[index] < next) next = timers[index];
    }
    return next;
}

static void handle(const struct epoll_event *event) {
    const curl_socket_t socket = (curl_socket_t)(event->data.u64 & 0xffffffff);
    if (wanted[socket] == 0) {
        // The peer closed an idle connection; libcurl detects it at the next use.
        epoll_ctl(epoll, EPOLL_CTL_DEL, socket, NULL);
        watched[socket] = 0;
        return;
    }
    const int mask = (event->events & EPOLLIN ? CURL_CSELECT_IN : 0) |
        (event->events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
        (event->events & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);
    act(&shards[event->data.u64 >> 32], socket, mask);
}

static void report(void) {
    must_report = 0;
    printf("{\"good\":%" PRIu64 ",\"bad\":%" PRIu64 ",\"missed\":%" PRIu64 ",\"bytes\":%" PRIu64
           ",",
        good, bad, missed, bytes);
    print_lateness(&lateness);
    printf("}\n");
    fflush(stdout);
}

static CURLcode use_free_lists(void) {
    return curl_global_init_mem(
        CURL_GLOBAL_ALL, nova_list_malloc, nova_list_free, nova_list_realloc, nova_list_strdup,
        nova_list_calloc);
}

int main(int count, char **arguments) {
    int uses_lists = 0, is_valid = count >= 5;
    const char *authorities = NULL;
    for (int index = 5; index < count; index++) {
        if (strcmp(arguments[index], "lists") == 0)
            uses_lists = 1;
        else if (strncmp(arguments[index], "CA=", 3) == 0)
            authorities = arguments[index] + 3;
        else
            is_valid = 0;
    }
    if (!is_valid) {
        fprintf(stderr, "usage: pull FILE INTERVAL TIMEOUT PLACES [lists] [CA=FILE]\n");
        return 64;
    }
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    watched = calloc(files.rlim_cur, sizeof *watched);
    wanted = calloc(files.rlim_cur, sizeof *wanted);
    epoll = epoll_create1(EPOLL_CLOEXEC);
    if (!watched || !wanted || epoll < 0) fail("epoll");
    signal(SIGPIPE, SIG_IGN);
    sigaction(SIGUSR1, &(struct sigaction){.sa_handler = on_signal}, NULL);
    if ((uses_lists ? use_free_lists() : curl_global_init(CURL_GLOBAL_ALL)) != CURLE_OK)
        fail("curl_global_init");

    const long timeout_ms = (long)(strtod(arguments[3], NULL) * 1000);
    const size_t places = strtoul(arguments[4], NULL, 10);
    idle = calloc(places, sizeof *idle);
    if (!idle) fail("places");
    struct curl_slist *headers = curl_slist_append(NULL, "Accept: application/json");
    while (idle_count < places) idle[idle_count++] = make_transfer(timeout_ms, headers, authorities);
    slots = read_slots(arguments[1], PATH, strtod(arguments[2], NULL));
    make_shards();
    const size_t reserved = 128 + 2 * shard_count + places;
    kept_count = files.rlim_cur > reserved ? files.rlim_cur - reserved : 0;

    for (;;) {
        if (must_report) report();
        start_due(clock_ns(CLOCK_MONOTONIC));
        int64_t now = clock_ns(CLOCK_MONOTONIC);
        int64_t until = fire_timers(now);
        if (idle_count > 0 && next_slot(&slots) < until) until = next_slot(&slots);
        now = clock_ns(CLOCK_MONOTONIC);
        const int64_t pause = until == NEVER ? SECOND : until > now ? until - now : 0;
        struct timespec wait = {.tv_sec = pause / SECOND, .tv_nsec = pause % SECOND};
        struct epoll_event events[256];
        const int ready = epoll_pwait2(epoll, events, 256, &wait, NULL);
        for (int index = 0; index < ready; index++) handle(&events[index]);
    }
}

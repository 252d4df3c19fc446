// Wrappers for calls of libcurl and Linux that Swift cannot import: variadic functions, with one
// wrapper per type of argument, and the numbers of a finished transfer as one struct. There are no
// decisions here.
#pragma once

#include <curl/curl.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

// curl_easy_setopt and curl_multi_setopt are variadic, which Swift does not import.

static inline CURLcode nova_easy_set_long(CURL *easy, CURLoption option, long value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode nova_easy_set_string(CURL *easy, CURLoption option, const char *value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode nova_easy_set_pointer(CURL *easy, CURLoption option, void *value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode nova_easy_set_list(
    CURL *easy, CURLoption option, struct curl_slist *value) {
    return curl_easy_setopt(easy, option, value);
}

// The type of CURLOPT_WRITEFUNCTION and CURLOPT_HEADERFUNCTION.
typedef size_t (*nova_data_callback)(char *data, size_t one, size_t count, void *context);

static inline CURLcode nova_easy_set_data_callback(
    CURL *easy, CURLoption option, nova_data_callback callback) {
    return curl_easy_setopt(easy, option, callback);
}

static inline CURLcode nova_easy_set_open_socket_callback(
    CURL *easy, curl_opensocket_callback callback) {
    return curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, callback);
}

static inline CURLcode nova_easy_set_close_socket_callback(
    CURL *easy, curl_closesocket_callback callback) {
    return curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, callback);
}

static inline CURLcode nova_easy_set_request_callback(CURL *easy, curl_prereq_callback callback) {
    return curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, callback);
}

static inline CURLMcode nova_multi_set_long(CURLM *multi, CURLMoption option, long value) {
    return curl_multi_setopt(multi, option, value);
}

static inline CURLMcode nova_multi_set_socket_callback(
    CURLM *multi, curl_socket_callback callback, void *context) {
    CURLMcode code = curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, callback);
    return code ? code : curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, context);
}

static inline CURLMcode nova_multi_set_timer_callback(
    CURLM *multi, curl_multi_timer_callback callback, void *context) {
    CURLMcode code = curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, callback);
    return code ? code : curl_multi_setopt(multi, CURLMOPT_TIMERDATA, context);
}

// The numbers of a finished transfer. Times are microseconds since it was added; 0 if that point
// was not reached or, for connect and TLS, if a kept connection was used.
struct nova_transfer_facts {
    long status;
    long os_error;
    long local_port; // 0 without a connection
    curl_off_t pre_transfer;
    curl_off_t connect;
    curl_off_t app_connect;
    curl_off_t start_transfer;
    curl_off_t total;
    const char *content_type;
};

// curl_easy_getinfo is variadic too.
static inline struct nova_transfer_facts nova_easy_facts(CURL *easy) {
    struct nova_transfer_facts facts = {0};
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &facts.status);
    curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &facts.os_error);
    curl_easy_getinfo(easy, CURLINFO_PRETRANSFER_TIME_T, &facts.pre_transfer);
    curl_easy_getinfo(easy, CURLINFO_LOCAL_PORT, &facts.local_port);
    curl_easy_getinfo(easy, CURLINFO_CONNECT_TIME_T, &facts.connect);
    curl_easy_getinfo(easy, CURLINFO_APPCONNECT_TIME_T, &facts.app_connect);
    curl_easy_getinfo(easy, CURLINFO_STARTTRANSFER_TIME_T, &facts.start_transfer);
    curl_easy_getinfo(easy, CURLINFO_TOTAL_TIME_T, &facts.total);
    curl_easy_getinfo(easy, CURLINFO_CONTENT_TYPE, &facts.content_type);
    return facts;
}

static inline const char *nova_easy_remote_address(CURL *easy) {
    const char *address = NULL;
    curl_easy_getinfo(easy, CURLINFO_PRIMARY_IP, &address);
    return address;
}

static inline void *nova_easy_context(CURL *easy) {
    void *context = NULL;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &context);
    return context;
}

// Returns the handle of a finished transfer and its code, or NULL if there is none. In C, because
// the result in CURLMsg is a union.
static inline CURL *nova_multi_next_finished(CURLM *multi, CURLcode *code) {
    int left = 0;
    CURLMsg *message;
    while ((message = curl_multi_info_read(multi, &left))) {
        if (message->msg == CURLMSG_DONE) {
            *code = message->data.result;
            return message->easy_handle;
        }
    }
    return NULL;
}

// epoll_event is a packed struct with a union, so Swift does not use it.

static inline int nova_epoll_control(
    int epoll, int operation, int fd, uint32_t events, uint64_t tag) {
    struct epoll_event event = {.events = events, .data = {.u64 = tag}};
    return epoll_ctl(epoll, operation, fd, &event) == 0 ? 0 : errno;
}

// Waits up to `timeout_ns` (forever if negative) for at most `limit` events (up to 256). Fills
// `tags` and `events`, and returns their number, or -errno.
static inline int nova_epoll_wait(
    int epoll, int64_t timeout_ns, uint64_t *tags, uint32_t *events, int limit) {
    struct epoll_event ready[256];
    struct timespec timeout = {
        .tv_sec = timeout_ns / 1000000000, .tv_nsec = timeout_ns % 1000000000};
    int count = epoll_pwait2(
        epoll, ready, limit > 256 ? 256 : limit, timeout_ns < 0 ? NULL : &timeout, NULL);
    if (count < 0) return -errno;
    for (int i = 0; i < count; i++) {
        tags[i] = ready[i].data.u64;
        events[i] = ready[i].events;
    }
    return count;
}

// The number of bytes that a TCP socket has received; -1 on error. tcpi_bytes_received is the 17th
// 64-bit word of TCP_INFO (tcp(7)); glibc 2.36 declares only the first thirteen.
static inline int64_t nova_bytes_received(int fd) {
    int64_t info[17] = {0};
    socklen_t length = sizeof info;
    if (getsockopt(fd, IPPROTO_TCP, 11 /* TCP_INFO */, info, &length) != 0) return -1;
    return length == sizeof info ? info[16] : -1;
}

// The number of received bytes that have been read; -1 on error.
static inline int64_t nova_bytes_consumed(int fd) {
    int64_t received = nova_bytes_received(fd);
    int unread = 0;
    return received < 0 || ioctl(fd, FIONREAD, &unread) != 0 ? -1 : received - unread;
}

// Sets the thread name that ps and gdb show, at most 15 bytes. prctl is variadic.
static inline void nova_name_thread(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }

/// glibc declares it only with some feature macros.
int memfd_create(const char *name, unsigned int flags);

/// Creates an empty file in memory (memfd_create(2)), closed on exec; -1 with errno on error.
static inline int nova_memory_file(void) {
    const unsigned int close_on_exec = 1;
    return memfd_create("authorities", close_on_exec);
}

// Wrappers for calls of libcurl and Linux that Swift cannot import, most of them variadic. There are
// no decisions here.
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

static inline CURLcode nova_easy_set_long(CURL *easy, CURLoption option, long value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode nova_easy_set_string(CURL *easy, CURLoption option, const char *value) {
    return curl_easy_setopt(easy, option, value);
}

/// Sets any option that takes a pointer to an object, such as a list or a context.
static inline CURLcode nova_easy_set_pointer(CURL *easy, CURLoption option, void *value) {
    return curl_easy_setopt(easy, option, value);
}

static inline void nova_easy_set_callbacks(
    CURL *easy, curl_write_callback body, curl_write_callback header,
    curl_opensocket_callback open_socket, curl_closesocket_callback close_socket,
    curl_prereq_callback request) {
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, body);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, header);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, close_socket);
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, request);
}

static inline CURLcode nova_easy_set_tls_callback(CURL *easy, curl_ssl_ctx_callback callback) {
    return curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, callback);
}

// Returns the TLS session (SSL) of the current connection, or NULL without TLS.
static inline void *nova_easy_tls_session(CURL *easy) {
    struct curl_tlssessioninfo *session = NULL;
    curl_easy_getinfo(easy, CURLINFO_TLS_SSL_PTR, &session);
    return session ? session->internals : NULL;
}

static inline CURLMcode nova_multi_set_long(CURLM *multi, CURLMoption option, long value) {
    return curl_multi_setopt(multi, option, value);
}

static inline void nova_multi_set_callbacks(
    CURLM *multi, curl_socket_callback socket, curl_multi_timer_callback timer, void *context) {
    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, socket);
    curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, context);
    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, timer);
    curl_multi_setopt(multi, CURLMOPT_TIMERDATA, context);
}

// The numbers of a finished transfer. Times are microseconds since it was added; 0 if that point
// was not reached or, for connect and TLS, if a kept connection was used.
struct nova_transfer_facts {
    long status;
    long os_error;
    long local_port; // 0 without a connection
    long verification; // of the certificate by OpenSSL, an X509_V_ERR of x509_vfy.h
    curl_off_t pre_transfer;
    curl_off_t connect;
    curl_off_t app_connect;
    curl_off_t start_transfer;
    curl_off_t total;
    const char *content_type;
    const char *remote_address;
};

static inline struct nova_transfer_facts nova_easy_facts(CURL *easy) {
    struct nova_transfer_facts facts = {0};
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &facts.status);
    curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &facts.os_error);
    curl_easy_getinfo(easy, CURLINFO_PRETRANSFER_TIME_T, &facts.pre_transfer);
    curl_easy_getinfo(easy, CURLINFO_LOCAL_PORT, &facts.local_port);
    curl_easy_getinfo(easy, CURLINFO_SSL_VERIFYRESULT, &facts.verification);
    curl_easy_getinfo(easy, CURLINFO_CONNECT_TIME_T, &facts.connect);
    curl_easy_getinfo(easy, CURLINFO_APPCONNECT_TIME_T, &facts.app_connect);
    curl_easy_getinfo(easy, CURLINFO_STARTTRANSFER_TIME_T, &facts.start_transfer);
    curl_easy_getinfo(easy, CURLINFO_TOTAL_TIME_T, &facts.total);
    curl_easy_getinfo(easy, CURLINFO_CONTENT_TYPE, &facts.content_type);
    curl_easy_getinfo(easy, CURLINFO_PRIMARY_IP, &facts.remote_address);
    return facts;
}

static inline void *nova_easy_context(CURL *easy) {
    void *context = NULL;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &context);
    return context;
}

// Returns the handle of a finished transfer and its code, or NULL if there is none. The result in
// CURLMsg is a union.
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

// epoll_event is a packed struct with a union, so Swift gets its two fields in this one.
struct nova_event {
    uint64_t tag;
    uint32_t events;
};

// Returns 0 or errno.
static inline int nova_epoll_control(int epoll, int operation, int fd, struct nova_event wanted) {
    struct epoll_event event = {.events = wanted.events, .data = {.u64 = wanted.tag}};
    return epoll_ctl(epoll, operation, fd, &event) == 0 ? 0 : errno;
}

enum { nova_event_limit = 256 };

// Waits up to `timeout_ns` for at most `nova_event_limit` events, writes them to `events`, and
// returns their number, or -errno.
static inline int nova_epoll_wait(int epoll, int64_t timeout_ns, struct nova_event *events) {
    struct epoll_event ready[nova_event_limit];
    struct timespec timeout = {
        .tv_sec = timeout_ns / 1000000000, .tv_nsec = timeout_ns % 1000000000};
    int count = epoll_pwait2(epoll, ready, nova_event_limit, &timeout, NULL);
    if (count < 0) return -errno;
    for (int i = 0; i < count; i++) {
        events[i] = (struct nova_event){.tag = ready[i].data.u64, .events = ready[i].events};
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


#pragma once
#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

// Wrappers for C that Swift cannot import, or not safely: variadic functions, va_list, enums that
// would be frozen, sockaddr.

/// The limits of a daemon.
struct mhd_limits {
    unsigned int threads;
    unsigned int connections;
    unsigned int idle_seconds;
    size_t connection_bytes;
};

/// Receives log lines; must outlive the daemon.
struct mhd_log_sink {
    void (*write)(void *context, const char *line);
    void *context;
};

/// MHD_RequestCompletedCallback with an integer for its enum. A value that a later library adds
/// would be an impossible case of a frozen Swift enum.
typedef void (*mhd_completed)(
    void *context, struct MHD_Connection *connection, void **exchange, unsigned int code);

typedef void *(*mhd_heard)(void *context, const char *uri, struct MHD_Connection *connection);

/// MHD_NotifyConnectionCallback, also with an integer for its enum.
enum { mhd_connection_started = MHD_CONNECTION_NOTIFY_STARTED };
typedef void (*mhd_noted)(
    void *context, struct MHD_Connection *connection, void **socket_context, unsigned int code);

/// gnutls_certificate_retrieve_function2 of gnutls/abstract.h, without its types.
typedef int (*mhd_present)(
    void *session, const void *authorities, int authority_count, const void *algorithms,
    int algorithm_count, void **chain, unsigned int *chain_length, void **key);

/// Formats a message of the library and truncates long ones. Swift cannot use va_list safely.
static inline void mhd_log(void *context, const char *format, va_list arguments) {
    const struct mhd_log_sink *sink = (const struct mhd_log_sink *)context;
    char line[256];
    if (vsnprintf(line, sizeof line, format, arguments) >= 0) sink->write(sink->context, line);
}

/// Leaves paths and queries unescaped, so that the server compares the same bytes as a proxy.
static inline size_t mhd_keep_escaped(void *context, struct MHD_Connection *connection, char *text) {
    (void)context;
    (void)connection;
    return strlen(text);
}

/// MHD_start_daemon is variadic. The logger must be the first option, or startup messages go to
/// stderr. STRICT_FOR_CLIENT is 0: with 1, the library answers a missing Host itself with a double
/// head and HTML, and drops a request with a space in its target; Head.swift refuses both. The
/// daemon has no listening socket, because mhd_add adds connections. Its connection limit must be
/// above ours, because a worker at its limit closes connections that are added. It uses TLS unless
/// `priorities` is NULL.
static inline struct MHD_Daemon *mhd_start(
    struct mhd_limits limits, struct mhd_log_sink *sink, const char *priorities,
    mhd_present present, mhd_heard heard,
    MHD_AccessHandlerCallback answer, mhd_completed completed, mhd_noted noted, void *context) {
    return MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC | MHD_ALLOW_SUSPEND_RESUME |
            MHD_USE_ERROR_LOG | MHD_USE_NO_LISTEN_SOCKET | (priorities ? MHD_USE_TLS : 0),
        0, NULL, NULL, answer, context,
        MHD_OPTION_EXTERNAL_LOGGER, mhd_log, sink,
        MHD_OPTION_THREAD_POOL_SIZE, limits.threads,
        MHD_OPTION_CONNECTION_LIMIT, limits.connections,
        MHD_OPTION_CONNECTION_TIMEOUT, limits.idle_seconds,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, limits.connection_bytes,
        MHD_OPTION_STRICT_FOR_CLIENT, 0,
        MHD_OPTION_UNESCAPE_CALLBACK, mhd_keep_escaped, NULL,
        MHD_OPTION_URI_LOG_CALLBACK, heard, context,
        MHD_OPTION_NOTIFY_COMPLETED, (MHD_RequestCompletedCallback)completed, context,
        MHD_OPTION_NOTIFY_CONNECTION, (MHD_NotifyConnectionCallback)noted, context,
        priorities ? MHD_OPTION_HTTPS_PRIORITIES : MHD_OPTION_END, priorities,
        MHD_OPTION_HTTPS_CERT_CALLBACK, present,
        MHD_OPTION_END);
}

/// The size of a request's head in bytes, including the empty line. MHD_get_connection_info is
/// variadic.
static inline size_t mhd_head_size(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    return info ? info->header_size : 0;
}

/// The descriptor of a connection, or -1. MHD_get_connection_info is variadic.
static inline int mhd_socket(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    return info ? info->connect_fd : -1;
}

/// Writes the address and port of one end of a socket as in a URL (getsockname(2), getpeername(2),
/// inet_ntop(3)); an IPv4-mapped IPv6 address as IPv4. Returns the number of bytes, or 0 for other
/// kinds of sockets. In C because of the sockaddr casts.
static inline int mhd_address(int descriptor, int is_local, char *text, size_t size) {
    struct sockaddr_storage address;
    socklen_t length = sizeof address;
    char host[INET6_ADDRSTRLEN];
    if ((is_local ? getsockname : getpeername)(
            descriptor, (struct sockaddr *)&address, &length) != 0) return 0;
    if (address.ss_family == AF_INET) {
        const struct sockaddr_in *four = (const struct sockaddr_in *)&address;
        inet_ntop(AF_INET, &four->sin_addr, host, sizeof host);
        return snprintf(text, size, "%s:%u", host, ntohs(four->sin_port));
    }
    if (address.ss_family != AF_INET6) return 0;
    const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)&address;
    const int is_four = IN6_IS_ADDR_V4MAPPED(&six->sin6_addr);
    const void *start = is_four ? &six->sin6_addr.s6_addr[12] : (const void *)&six->sin6_addr;
    inet_ntop(is_four ? AF_INET : AF_INET6, start, host, sizeof host);
    return snprintf(text, size, is_four ? "%s:%u" : "[%s]:%u", host, ntohs(six->sin6_port));
}

/// The TLS session of a connection (gnutls_session_t), or NULL. MHD_get_connection_info is variadic.
static inline void *mhd_session(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    return info ? info->tls_session : NULL;
}

/// The socket context that mhd_noted stored. MHD_get_connection_info is variadic.
static inline void *mhd_socket_context(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info ? info->socket_context : NULL;
}

/// An accepted connection and the client's address.
struct mhd_arrival {
    int descriptor;
    socklen_t size;
    struct sockaddr_storage address;
};

/// accept4(2); `descriptor` is -errno on error.
static inline struct mhd_arrival mhd_accept(int listener) {
    struct mhd_arrival arrival;
    memset(&arrival, 0, sizeof arrival);
    arrival.size = sizeof arrival.address;
    arrival.descriptor = accept4(
        listener, (struct sockaddr *)&arrival.address, &arrival.size, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (arrival.descriptor < 0) arrival.descriptor = -errno;
    return arrival;
}

/// MHD_add_connection(3) takes ownership of the descriptor, and closes it if it fails. The library
/// uses the address only for its own limit per address, which is off.
static inline int mhd_add(struct MHD_Daemon *daemon, int descriptor) {
    const struct sockaddr nowhere = {.sa_family = AF_UNSPEC};
    return MHD_add_connection(daemon, descriptor, &nowhere, sizeof nowhere) == MHD_YES;
}

/// The address of a client, 16 bytes, IPv4 as ::ffff:0:0/96, and its port.
struct mhd_client {
    uint64_t high, low;
    uint16_t port;
};

static inline struct mhd_client mhd_client_of(struct mhd_arrival arrival) {
    struct mhd_client client = {0, 0, 0};
    if (arrival.address.ss_family == AF_INET6) {
        const struct sockaddr_in6 *address = (const struct sockaddr_in6 *)&arrival.address;
        memcpy(&client.high, address->sin6_addr.s6_addr, sizeof client.high);
        memcpy(&client.low, address->sin6_addr.s6_addr + sizeof client.high, sizeof client.low);
        client.port = ntohs(address->sin6_port);
    } else {
        const struct sockaddr_in *address = (const struct sockaddr_in *)&arrival.address;
        const unsigned char prefix[4] = {0, 0, 0xff, 0xff};
        memcpy(&client.low, prefix, sizeof prefix);
        memcpy((char *)&client.low + sizeof prefix, &address->sin_addr, sizeof address->sin_addr);
        client.port = ntohs(address->sin_port);
    }
    return client;
}

/// The client of a connection (getpeername(2)); all zero if it is unknown.
static inline struct mhd_client mhd_client_at(int descriptor) {
    const struct mhd_client unknown = {0, 0, 0};
    struct mhd_arrival arrival;
    arrival.size = sizeof arrival.address;
    return getpeername(descriptor, (struct sockaddr *)&arrival.address, &arrival.size) == 0
        ? mhd_client_of(arrival) : unknown;
}

/// What has arrived on a connection from which nothing was read.
enum mhd_arrived { mhd_arrived_nothing, mhd_arrived_part, mhd_arrived_head, mhd_arrived_other };

/// Checks whether the head of a request has arrived (recv(2), MSG_PEEK): an empty line after other
/// lines, in CR LF or LF, or as many bytes as the library reads. The library decides whether LF is
/// valid. `mhd_arrived_other` is a TLS handshake, which would wait for an answer until its deadline.
static inline enum mhd_arrived mhd_peek(int descriptor, size_t limit) {
    char bytes[65536];
    const size_t room = limit < sizeof bytes ? limit : sizeof bytes;
    const ssize_t count = recv(descriptor, bytes, room, MSG_PEEK | MSG_DONTWAIT);
    if (count <= 0) return mhd_arrived_nothing;
    if (bytes[0] == 22) return mhd_arrived_other;
    if ((size_t)count == room) return mhd_arrived_head;
    const char *const end = bytes + count;
    const char *start = bytes;
    while (start < end && (*start == '\r' || *start == '\n')) start++;
    for (const char *at = start; (at = memchr(at, '\n', (size_t)(end - at))) != NULL;) {
        at += 1;
        if (end - at >= 1 && at[0] == '\n') return mhd_arrived_head;
        if (end - at >= 2 && at[0] == '\r' && at[1] == '\n') return mhd_arrived_head;
    }
    return mhd_arrived_part;
}

/// Checks whether the first record of a TLS handshake has arrived (RFC 8446, section 5.1), with
/// which its client hello usually is complete: `mhd_arrived_head` if so, `mhd_arrived_other` if the
/// bytes do not begin a handshake.
static inline enum mhd_arrived mhd_peek_handshake(int descriptor) {
    enum { header = 5, largest = 16384 };
    unsigned char bytes[header + largest];
    const ssize_t count = recv(descriptor, bytes, sizeof bytes, MSG_PEEK | MSG_DONTWAIT);
    if (count <= 0) return mhd_arrived_nothing;
    if (bytes[0] != 22 || (count > 1 && bytes[1] != 3)) return mhd_arrived_other;
    if (count < header) return mhd_arrived_part;
    const ssize_t length = bytes[3] << 8 | bytes[4];
    if (length > largest) return mhd_arrived_other;
    return count >= header + length ? mhd_arrived_head : mhd_arrived_part;
}

/// Counters of a TCP connection.
struct mhd_traffic {
    /// Bytes received from the client, whether read or not; a FIN counts as one.
    uint64_t received;
    /// Sent bytes that the client's kernel has acknowledged.
    uint64_t acknowledged;
    /// Whether sent bytes are still unacknowledged.
    int is_sending;
    /// Milliseconds since the last data arrived.
    uint32_t silent_milliseconds;
};

/// TCP_INFO of tcp(7), by offsets in <linux/tcp.h>, which never change. That header conflicts with
/// <netinet/tcp.h>.
static inline struct mhd_traffic mhd_traffic_of(int descriptor) {
    enum { unacked = 24, last_data_received = 52, bytes_acked = 120, bytes_received = 128,
           notsent_bytes = 144, size = 148 };
    unsigned char info[size];
    socklen_t length = size;
    struct mhd_traffic traffic;
    uint32_t sent = 0, waiting = 0;
    memset(info, 0, sizeof info);
    memset(&traffic, 0, sizeof traffic);
    if (getsockopt(descriptor, IPPROTO_TCP, 11 /* TCP_INFO */, info, &length) != 0) return traffic;
    memcpy(&traffic.received, info + bytes_received, sizeof traffic.received);
    memcpy(&traffic.acknowledged, info + bytes_acked, sizeof traffic.acknowledged);
    memcpy(&sent, info + unacked, sizeof sent);
    memcpy(&waiting, info + notsent_bytes, sizeof waiting);
    memcpy(&traffic.silent_milliseconds, info + last_data_received, sizeof(uint32_t));
    traffic.is_sending = sent > 0 || waiting > 0;
    return traffic;
}

/// Makes close(2) discard unsent data (SO_LINGER of socket(7)).
static inline void mhd_discard_on_close(int descriptor) {
    const struct linger linger = {.l_onoff = 1, .l_linger = 0};
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
}

/// CLOCK_MONOTONIC_COARSE of clock_gettime(2): a resolution of a few milliseconds at a third of the
/// cost.
static inline int64_t mhd_coarse_nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/// Sets the thread name that ps and gdb show, at most 15 bytes. prctl is variadic.
static inline void mhd_name_thread(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }

/// epoll_ctl(2) with the descriptor as the event's data; returns 0 or an errno.
static inline int mhd_watch(int queue, int operation, int descriptor, uint32_t events) {
    struct epoll_event event = {.events = events, .data = {.fd = descriptor}};
    return epoll_ctl(queue, operation, descriptor, &event) == 0 ? 0 : errno;
}

/// epoll_wait(2): fills the descriptors that are ready, at most 256, and their events. -1 waits
/// forever.
static inline int mhd_wait(
    int queue, int milliseconds, int *descriptors, uint32_t *happened, int capacity) {
    struct epoll_event events[256];
    const int room = capacity < 256 ? capacity : 256;
    const int count = epoll_wait(queue, events, room, milliseconds);
    for (int index = 0; index < count; index++) {
        descriptors[index] = events[index].data.fd;
        happened[index] = events[index].events;
    }
    return count < 0 ? 0 : count;
}

/// Creates a listening socket (getaddrinfo(3), bind(2), listen(2)); returns -errno on error. The
/// library could create it, but would not return the errno. In C because of the sockaddr casts.
static inline int mhd_listen(const char *host, const char *port, int backlog) {
    struct addrinfo hints, *found = NULL;
    memset(&hints, 0, sizeof hints);
    hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
    hints.ai_socktype = SOCK_STREAM;
    if (getaddrinfo(host, port, &hints, &found) != 0) return -EADDRNOTAVAIL;
    const int type = found->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, on = 1;
    const int listener = socket(found->ai_family, type, 0);
    if (listener >= 0) setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    const int refused = listener < 0 || bind(listener, found->ai_addr, found->ai_addrlen) != 0 ||
        listen(listener, backlog) != 0;
    const int reason = errno;
    freeaddrinfo(found);
    if (!refused) return listener;
    if (listener >= 0) close(listener);
    return -reason;
}

/// The local port of a socket (getsockname(2)).
static inline uint16_t mhd_bound_port(int listener) {
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    memset(&address, 0, sizeof address);
    getsockname(listener, (struct sockaddr *)&address, &size);
    return ntohs(
        address.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&address)->sin6_port
                                      : ((struct sockaddr_in *)&address)->sin_port);
}

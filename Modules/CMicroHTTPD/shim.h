#pragma once
#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netdb.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

// Only what Swift cannot say itself, or not well: variadic calls, va_list, enums that would be
// frozen, sockaddr.

/// The limits of a daemon, all of them explicit.
struct mhd_limits {
    unsigned int threads;
    unsigned int connections;
    unsigned int connections_per_address;
    unsigned int idle_seconds;
    size_t connection_bytes;
    unsigned int backlog;
};

/// Where lines for the log go; must outlive the daemon.
struct mhd_log_sink {
    void (*write)(void *context, const char *line);
    void *context;
};

/// MHD_RequestCompletedCallback with its closed enum as the number it is: a value that a later
/// library adds must not become an impossible case of a frozen Swift enum.
typedef void (*mhd_completed)(
    void *context, struct MHD_Connection *connection, void **exchange, unsigned int code);

typedef void *(*mhd_heard)(void *context, const char *uri, struct MHD_Connection *connection);

/// Formats a message of the library (a va_list has no safe Swift form); long ones are cut.
static inline void mhd_log(void *context, const char *format, va_list arguments) {
    const struct mhd_log_sink *sink = (const struct mhd_log_sink *)context;
    char line[256];
    if (vsnprintf(line, sizeof line, format, arguments) >= 0) sink->write(sink->context, line);
}

/// Leaves paths and queries as they came, so that what is compared is what a proxy saw.
static inline size_t mhd_keep_escaped(void *context, struct MHD_Connection *connection, char *text) {
    (void)context;
    (void)connection;
    return strlen(text);
}

/// MHD_start_daemon is variadic. The logger comes first, or start-up messages go to stderr.
/// STRICT_FOR_CLIENT stays 0: at 1 the library answers a missing Host itself, with its head sent
/// twice and HTML, and drops a request with a space in its target; Head.swift refuses both.
static inline struct MHD_Daemon *mhd_start(
    int listener, struct mhd_limits limits, struct mhd_log_sink *sink, mhd_heard heard,
    MHD_AccessHandlerCallback answer, mhd_completed completed, void *context) {
    return MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC | MHD_ALLOW_SUSPEND_RESUME |
            MHD_USE_ERROR_LOG,
        0, NULL, NULL, answer, context,
        MHD_OPTION_EXTERNAL_LOGGER, mhd_log, sink,
        MHD_OPTION_LISTEN_SOCKET, listener,
        MHD_OPTION_LISTEN_BACKLOG_SIZE, limits.backlog,
        MHD_OPTION_THREAD_POOL_SIZE, limits.threads,
        MHD_OPTION_CONNECTION_LIMIT, limits.connections,
        MHD_OPTION_PER_IP_CONNECTION_LIMIT, limits.connections_per_address,
        MHD_OPTION_CONNECTION_TIMEOUT, limits.idle_seconds,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, limits.connection_bytes,
        MHD_OPTION_STRICT_FOR_CLIENT, 0,
        MHD_OPTION_UNESCAPE_CALLBACK, mhd_keep_escaped, NULL,
        MHD_OPTION_URI_LOG_CALLBACK, heard, context,
        MHD_OPTION_NOTIFY_COMPLETED, (MHD_RequestCompletedCallback)completed, context,
        MHD_OPTION_END);
}

/// MHD_get_daemon_info is variadic.
static inline unsigned int mhd_connection_count(struct MHD_Daemon *daemon) {
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_CURRENT_CONNECTIONS);
    return info ? info->num_connections : 0;
}

/// MHD_get_connection_info is variadic. Bytes from the method to the end of the empty line.
static inline size_t mhd_head_size(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    return info ? info->header_size : 0;
}

/// MHD_get_connection_info is variadic. The descriptor of a connection, or -1.
static inline int mhd_socket(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    return info ? info->connect_fd : -1;
}

/// Writes the address and port that a socket is bound to, as in a URL (getsockname(2),
/// inet_ntop(3)); an IPv4 one that is mapped into IPv6 as IPv4. How many bytes, 0 for another kind
/// of socket. In C for the sockaddr casts.
static inline int mhd_local_address(int descriptor, char *text, size_t size) {
    struct sockaddr_storage address;
    socklen_t length = sizeof address;
    char host[INET6_ADDRSTRLEN];
    if (getsockname(descriptor, (struct sockaddr *)&address, &length) != 0) return 0;
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

/// A socket that listens on an address (getaddrinfo(3), bind(2), listen(2)), or minus an errno.
/// Here rather than by the library, which keeps the errno to itself; in C for the sockaddr casts.
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

/// The port that a socket is bound to (getsockname(2)).
static inline uint16_t mhd_bound_port(int listener) {
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    memset(&address, 0, sizeof address);
    getsockname(listener, (struct sockaddr *)&address, &size);
    return ntohs(
        address.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&address)->sin6_port
                                      : ((struct sockaddr_in *)&address)->sin_port);
}

// The lowest cost of serving with libmicrohttpd: one response in memory, shared by two threads. It is
// queued on the second call of the access handler; on the first the connection would be closed. The
// options are those of the service. As in the service, one thread accepts, and MHD_add_connection
// distributes the connections evenly. If the threads shared the listening socket, one thread could
// get all connections in one run and half of them in the next.
//
//     serve FILE [CERTIFICATE KEY]
//
// answers GET /federation/sync/summary with the bytes of FILE, under 64 KiB. With a certificate and
// its key, both PEM files, it uses TLS with the priorities of the service.
// Prints its port on 127.0.0.1 once it listens, and serves until it is stopped.
#define _GNU_SOURCE
#include <microhttpd.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PATH "/federation/sync/summary"
#define PRIORITIES "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"
#define LIMIT 65536

static struct MHD_Response *summary, *nothing;

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static enum MHD_Result answer(
    void *unused, struct MHD_Connection *connection, const char *url, const char *method,
    const char *version, const char *body, size_t *body_size, void **request) {
    (void)unused, (void)version, (void)body, (void)body_size;
    if (!*request) {
        *request = connection;
        return MHD_YES;
    }
    const int is_known = strcmp(method, MHD_HTTP_METHOD_GET) == 0 && strcmp(url, PATH) == 0;
    return MHD_queue_response(
        connection, is_known ? MHD_HTTP_OK : MHD_HTTP_NOT_FOUND, is_known ? summary : nothing);
}

// A blocking socket; only the main thread waits on it.
static int listen_on_loopback(uint16_t *port) {
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, size) != 0 ||
        listen(listener, 1024) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &size) != 0)
        fail("listen");
    *port = ntohs(address.sin_port);
    return listener;
}

// Fills `bytes`, which has room for LIMIT, and returns the size. A text must end with a zero, which
// static memory has.
static size_t read_file(const char *path, char *bytes) {
    FILE *file = fopen(path, "r");
    if (!file) fail(path);
    const size_t size = fread(bytes, 1, LIMIT, file);
    fclose(file);
    if (size < LIMIT) return size;
    fprintf(stderr, "serve: %s has 64 KiB or more\n", path);
    exit(65);
}

int main(int count, char **arguments) {
    static char body[LIMIT], certificate[LIMIT], key[LIMIT];
    if (count != 2 && count != 4) {
        fprintf(stderr, "usage: serve FILE [CERTIFICATE KEY]\n");
        return 64;
    }
    const int is_secure = count == 4;
    const size_t size = read_file(arguments[1], body);
    if (is_secure) {
        read_file(arguments[2], certificate);
        read_file(arguments[3], key);
    }
    summary = MHD_create_response_from_buffer(size, body, MHD_RESPMEM_PERSISTENT);
    nothing = MHD_create_response_from_buffer(0, body, MHD_RESPMEM_PERSISTENT);
    if (!summary || !nothing) fail("response");
    MHD_add_response_header(summary, MHD_HTTP_HEADER_CONTENT_TYPE, "application/json");
    signal(SIGPIPE, SIG_IGN);

    uint16_t port = 0;
    const int listener = listen_on_loopback(&port);
    struct MHD_Daemon *daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG |
            MHD_USE_NO_LISTEN_SOCKET | (is_secure ? MHD_USE_TLS : 0),
        0, NULL, NULL, answer, NULL,
        MHD_OPTION_THREAD_POOL_SIZE, 2u,
        MHD_OPTION_CONNECTION_LIMIT, 4096u,
        MHD_OPTION_CONNECTION_TIMEOUT, 120u,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)16384,
        MHD_OPTION_STRICT_FOR_CLIENT, 0,
        is_secure ? MHD_OPTION_HTTPS_PRIORITIES : MHD_OPTION_END, PRIORITIES,
        MHD_OPTION_HTTPS_MEM_CERT, certificate,
        MHD_OPTION_HTTPS_MEM_KEY, key,
        MHD_OPTION_END);
    if (!daemon) fail("MHD_start_daemon");
    printf("%u\n", port);
    fflush(stdout);
    for (;;) {
        const struct sockaddr nowhere = {.sa_family = AF_UNSPEC};
        const int connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (connection < 0) fail("accept4");
        MHD_add_connection(daemon, connection, &nowhere, sizeof nowhere);
    }
}

#include "CProcess.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/auxv.h>

static int argument_count;
static char **arguments;

static struct sigaction first_hang_up_action;
static volatile sig_atomic_t hang_up_arrived;

static void record_hang_up(int signal) {
    (void)signal;
    hang_up_arrived = 1;
}

// SIGHUP requests a reload. Until Dispatch handles it, it would end the process, which systemd
// takes for a clean exit. So it is recorded until then, because the files may have been read before
// it arrived. Blocking it does not help: dispatch_main(3) waits with no signal blocked. Writing to
// a closed pipe, or beyond RLIMIT_FSIZE, must return an error instead of ending the process.
static void prepare_signals(void) {
    struct sigaction action = {.sa_handler = record_hang_up, .sa_flags = SA_RESTART};
    sigaction(SIGHUP, &action, &first_hang_up_action);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
}

// If a standard stream is closed, the next open(2) gets its number, and log lines would be written
// into that file. Standard output is opened read-only, so that a command that writes to it fails.
static void open_closed_streams(void) {
    static const int modes[] = {O_RDONLY, O_RDONLY, O_WRONLY};
    for (int stream = 0; stream < 3; stream++) {
        if (fcntl(stream, F_GETFD) != -1 || errno != EBADF) continue;
        // open(2) returns the lowest free number, which is this one. Without /dev, any file does.
        if (open("/dev/null", modes[stream]) < 0) open("/", O_RDONLY | O_DIRECTORY);
    }
}

// glibc passes the arguments of main.
static void begin(int count, char **values) {
    prepare_signals();
    open_closed_streams();
    argument_count = count;
    arguments = values;
}

// Runs before the constructors of all libraries, which take most of the time until main. SIGHUP
// still ends the process while the dynamic linker loads the libraries, before any of our code.
__attribute__((section(".preinit_array"), used)) static void (*const first)(int, char **) = begin;

int nova_argument_count(void) { return argument_count; }

const char *nova_argument(int index) { return arguments[index]; }

const char *nova_executed_path(void) { return (const char *)getauxval(AT_EXECFN); }

int nova_hang_up_arrived(void) { return hang_up_arrived; }

void nova_release_hang_up(void) {
    sigaction(SIGHUP, &first_hang_up_action, NULL);
    if (hang_up_arrived) raise(SIGHUP);
}

static void *wait_for_lock(void *lock) {
    pthread_mutex_lock(lock);
    pthread_mutex_unlock(lock);
    return NULL;
}

int nova_startable_threads(int wanted, int *error) {
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_t *threads = calloc((size_t)wanted, sizeof *threads);
    int started = 0;
    *error = threads ? 0 : ENOMEM;
    pthread_mutex_lock(&lock);
    while (*error == 0 && started < wanted) {
        *error = pthread_create(&threads[started], NULL, wait_for_lock, &lock);
        if (*error == 0) started++;
    }
    pthread_mutex_unlock(&lock);
    for (int i = 0; i < started; i++) pthread_join(threads[i], NULL);
    free(threads);
    return started;
}

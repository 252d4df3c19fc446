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
static volatile sig_atomic_t hang_up_came;

static void note_hang_up(int signal) {
    (void)signal;
    hang_up_came = 1;
}

// SIGHUP asks for a reload, and would end the process until Dispatch has its handler: systemd takes
// that for a clean exit. It is noted until then, because the files may have been read before it
// came. Blocking it does not help: dispatch_main(3) waits with no signal blocked. A write that nobody
// reads, or beyond RLIMIT_FSIZE, is an error to report and no reason to end.
static void prepare_signals(void) {
    struct sigaction action = {.sa_handler = note_hang_up, .sa_flags = SA_RESTART};
    sigaction(SIGHUP, &action, &first_hang_up_action);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
}

// A closed standard stream would become the number of the next descriptor that is opened, and lines
// meant for the log would go into it. Standard output is opened for reading, so that a command whose
// output is lost still fails.
static void open_closed_streams(void) {
    static const int modes[] = {O_RDONLY, O_RDONLY, O_WRONLY};
    for (int stream = 0; stream < 3; stream++) {
        if (fcntl(stream, F_GETFD) != -1 || errno != EBADF) continue;
        // The lowest free number is this one. Without /dev any descriptor keeps the place.
        if (open("/dev/null", modes[stream]) < 0) open("/", O_RDONLY | O_DIRECTORY);
    }
}

// glibc passes what main gets.
static void begin(int count, char **values) {
    prepare_signals();
    open_closed_streams();
    argument_count = count;
    arguments = values;
}

// Before the constructors of all libraries, which take most of the time until main. SIGHUP still ends
// the process while the dynamic linker loads them: no code of ours can run before that.
__attribute__((section(".preinit_array"), used)) static void (*const first)(int, char **) = begin;

int nova_argument_count(void) { return argument_count; }

const char *nova_argument(int index) { return arguments[index]; }

const char *nova_executed_path(void) { return (const char *)getauxval(AT_EXECFN); }

int nova_hang_up_came(void) { return hang_up_came; }

void nova_release_hang_up(void) {
    sigaction(SIGHUP, &first_hang_up_action, NULL);
    if (hang_up_came) raise(SIGHUP);
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

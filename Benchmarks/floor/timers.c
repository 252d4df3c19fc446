// The lowest lateness: sleeps until each slot and records how late it wakes up.
//
//     timers FILE INTERVAL     the peers whose slots it keeps; the interval in seconds
//
// SIGUSR1 prints the lateness since the start as a line of JSON.
#define _GNU_SOURCE
#include "slots.h"

#include <signal.h>

static volatile sig_atomic_t must_report;

static void on_signal(int signal) {
    (void)signal;
    must_report = 1;
}

int main(int count, char **arguments) {
    if (count != 3) {
        fprintf(stderr, "usage: timers FILE INTERVAL\n");
        return 64;
    }
    sigaction(SIGUSR1, &(struct sigaction){.sa_handler = on_signal}, NULL);
    struct slots slots = read_slots(arguments[1], "", strtod(arguments[2], NULL));
    struct lateness lateness = {0};
    for (;;) {
        if (must_report) {
            must_report = 0;
            printf("{");
            print_lateness(&lateness);
            printf("}\n");
            fflush(stdout);
        }
        const int64_t slot = next_slot(&slots);
        const struct timespec until = {.tv_sec = slot / SECOND, .tv_nsec = slot % SECOND};
        if (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) != 0) continue;
        note_lateness(&lateness, clock_ns(CLOCK_MONOTONIC) - slot);
        pass_slot(&slots);
    }
}

// Work that must happen before main, before Swift and Dispatch open descriptors and start threads.
// A function in process.c does it first of all; these functions return its results.
#pragma once

/// The number of arguments of the process, including its name.
int nova_argument_count(void);

/// One argument, as passed by the kernel. Swift's own list needs /proc.
const char *nova_argument(int index);

/// The path with which this process was executed, from getauxval(3); NULL if unknown.
const char *nova_executed_path(void);

/// Whether SIGHUP arrived before another handler was installed.
int nova_hang_up_arrived(void);

/// Restores the original action of SIGHUP, and raises SIGHUP again if it has already arrived.
void nova_release_hang_up(void);

/// Starts up to `wanted` threads at the same time, ends them, and returns how many could be
/// started. If that is fewer, `*error` is the errno of the first failure.
int nova_startable_threads(int wanted, int *error);

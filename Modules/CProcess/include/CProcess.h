// What must happen before main, or before Swift and Dispatch open descriptors and start threads.
// process.c has a function that runs first; these are what is left to ask afterwards.
#pragma once

/// How many arguments the process was started with, its name included.
int nova_argument_count(void);

/// One of them. They come from the kernel: Swift's own list needs /proc.
const char *nova_argument(int index);

/// The path this process was executed by, from getauxval(3); NULL if the kernel gave none.
const char *nova_executed_path(void);

/// Whether SIGHUP came before something else handled it.
int nova_hang_up_came(void);

/// Lets SIGHUP do again what it did when the process was started, also if it has come already.
void nova_release_hang_up(void);

/// Starts up to `wanted` threads that exist at the same time, ends them, and returns how many could
/// be started. If that is fewer, `*error` is the errno of the first failure.
int nova_startable_threads(int wanted, int *error);

#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

// Once a second Dispatch reads /proc/<thread>/stat of its busy workers to decide whether to start
// another. If open(2) returns -1, because /proc is missing or no descriptor is free, it traps
// (_dispatch_workq_count_runnable_workers in workqueue.c). With any other negative number it skips
// the check. This cannot be configured, so this file replaces `open` for the whole process; only
// the result for that path differs.

static const int skip_check = -2;

// Whether the path is /proc/<digits>/stat.
static int is_stat_of_thread(const char *path) {
    static const char start[] = "/proc/";
    if (strncmp(path, start, sizeof start - 1) != 0) return 0;
    const char *number = path + sizeof start - 1;
    size_t digits = strspn(number, "0123456789");
    return digits > 0 && strcmp(number + digits, "/stat") == 0;
}

int open(const char *path, int flags, ...) {
    mode_t mode = 0;
    if (flags & O_CREAT || (flags & __O_TMPFILE) == __O_TMPFILE) {
        va_list arguments;
        va_start(arguments, flags);
        mode = va_arg(arguments, mode_t);
        va_end(arguments);
    }
    int descriptor = openat(AT_FDCWD, path, flags, mode);
    return descriptor == -1 && is_stat_of_thread(path) ? skip_check : descriptor;
}

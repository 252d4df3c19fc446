#include <CMalloc.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

// List n holds pieces of STEP * n + SLACK bytes, glibc's chunk sizes. Another allocator may return
// larger pieces; malloc_usable_size(3) is valid for all of them.
enum { STEP = 16, SLACK = 8, LISTS = (NOVA_LIST_LARGEST - SLACK) / STEP + 1 };

struct piece {
    struct piece *next;
};

struct list {
    struct piece *first;
    unsigned count;
};

// The lists of this thread; null until it frees a piece.
static _Thread_local struct list *lists;
static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void end_lists(void *ended) {
    struct list *all = ended;
    for (int n = 0; n < LISTS; n++) {
        while (all[n].first) {
            struct piece *piece = all[n].first;
            all[n].first = piece->next;
            free(piece);
        }
    }
    free(all);
    lists = NULL;
}

static void make_key(void) {
    if (pthread_key_create(&key, end_lists) != 0) abort();
}

// Null if memory is short.
static struct list *create_lists(void) {
    pthread_once(&once, make_key);
    struct list *created = calloc(LISTS, sizeof *created);
    if (created && pthread_setspecific(key, created) != 0) {
        free(created);
        return NULL;
    }
    return lists = created;
}

void *nova_list_malloc(size_t size) {
    if (size > PTRDIFF_MAX) return NULL;  // as malloc(3); the address sanitizer would abort
    if (size > NOVA_LIST_LARGEST) return malloc(size);
    const size_t n = size <= STEP + SLACK ? 1 : (size - SLACK + STEP - 1) / STEP;
    struct piece *piece = lists ? lists[n].first : NULL;
    if (!piece) return malloc(n * STEP + SLACK);
    lists[n].first = piece->next;
    lists[n].count--;
    return piece;
}

void nova_list_free(void *memory) {
    if (!memory) return;
    const size_t size = malloc_usable_size(memory);
    struct list *list = NULL;
    if (size <= NOVA_LIST_LARGEST && (lists || create_lists())) {
        list = &lists[(size - SLACK) / STEP];
    }
    if (!list || list->count == NOVA_LIST_LIMIT) {
        free(memory);
        return;
    }
    struct piece *piece = memory;
    if (list->first == piece) abort();  // freed twice
    piece->next = list->first;
    list->first = piece;
    list->count++;
}

void *nova_list_realloc(void *memory, size_t size) {
    if (!memory) return nova_list_malloc(size);
    if (size > NOVA_LIST_LARGEST) return realloc(memory, size);
    const size_t usable = malloc_usable_size(memory);
    if (usable / 2 <= size && size <= usable) return memory;
    void *other = nova_list_malloc(size);
    if (!other) return NULL;
    memcpy(other, memory, usable < size ? usable : size);
    nova_list_free(memory);
    return other;
}

char *nova_list_strdup(const char *text) {
    const size_t size = strlen(text) + 1;
    char *copy = nova_list_malloc(size);
    return copy ? memcpy(copy, text, size) : NULL;
}

void *nova_list_calloc(size_t count, size_t size) {
    size_t total;
    if (__builtin_mul_overflow(count, size, &total)) return NULL;
    void *memory = nova_list_malloc(total);
    return memory ? memset(memory, 0, total) : NULL;
}

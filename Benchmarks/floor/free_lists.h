// Memory for libcurl as the service gives it: what it freed last, by size. One thread.
#pragma once

#include <curl/curl.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

// The sizes are STEP * n + SLACK bytes, as malloc(3) has them, for each list n.
enum { STEP = 16, SLACK = 8, LISTS = 129, LIMIT = 64 };

struct piece {
    struct piece *next;
};

static struct {
    struct piece *first;
    unsigned count;
} lists[LISTS];

static void *list_malloc(size_t size) {
    const size_t n = size <= STEP + SLACK ? 1 : (size - SLACK + STEP - 1) / STEP;
    if (n >= LISTS) return malloc(size);
    struct piece *piece = lists[n].first;
    if (!piece) return malloc(n * STEP + SLACK);
    lists[n].first = piece->next;
    lists[n].count--;
    return piece;
}

static void list_free(void *memory) {
    if (!memory) return;
    const size_t n = (malloc_usable_size(memory) - SLACK) / STEP;
    if (n >= LISTS || lists[n].count == LIMIT) {
        free(memory);
        return;
    }
    struct piece *piece = memory;
    piece->next = lists[n].first;
    lists[n].first = piece;
    lists[n].count++;
}

static void *list_realloc(void *memory, size_t size) {
    const size_t usable = memory ? malloc_usable_size(memory) : 0;
    if (usable / 2 <= size && size <= usable) return memory;
    void *other = list_malloc(size);
    if (!other) return NULL;
    if (memory) memcpy(other, memory, usable < size ? usable : size);
    list_free(memory);
    return other;
}

static char *list_strdup(const char *text) {
    const size_t size = strlen(text) + 1;
    char *copy = list_malloc(size);
    return copy ? memcpy(copy, text, size) : NULL;
}

static void *list_calloc(size_t count, size_t size) {
    void *memory = list_malloc(count * size);
    return memory ? memset(memory, 0, count * size) : NULL;
}

static CURLcode use_free_lists(void) {
    return curl_global_init_mem(
        CURL_GLOBAL_ALL, list_malloc, list_free, list_realloc, list_strdup, list_calloc);
}

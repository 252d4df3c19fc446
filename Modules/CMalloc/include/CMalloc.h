// mallopt(3) and malloc_usable_size(3), because Swift's Glibc module does not include <malloc.h>,
// and an allocator for libcurl that keeps freed pieces.
//
// libcurl allocates about forty pieces for each GET and frees most of them at its end. glibc's
// malloc caches seven pieces of a size, and its calloc does not use that cache. Beyond it malloc
// searches, merges and splits free chunks, which with many servers are no longer in the CPU cache.
// This allocator returns the piece of a size that was freed last.
//
// Each thread has lists of its own, which are freed when it ends. Every piece comes from malloc(3),
// so a thread may free what another one allocated.
#pragma once

#include <malloc.h>
#include <stddef.h>

enum {
    // The pieces of one size that a thread keeps at most: enough for the fetches of one batch. If
    // all lists were full, a thread would hold 8.3 MiB.
    NOVA_LIST_LIMIT = 64,
    // The largest size that is kept.
    NOVA_LIST_LARGEST = 2056,
};

/// Like malloc(3).
void *nova_list_malloc(size_t size);

/// Like free(3).
void nova_list_free(void *piece);

/// Like realloc(3).
void *nova_list_realloc(void *piece, size_t size);

/// Like strdup(3).
char *nova_list_strdup(const char *text);

/// Like calloc(3).
void *nova_list_calloc(size_t count, size_t size);

// Wrappers for what Swift cannot import: SQLITE_TRANSIENT, which is a cast, and variadic functions.
// There are no decisions here.
#pragma once

#include <sqlite3.h>
#include <stddef.h>

/// SQLite copies the text; `size` is in bytes.
static inline int nova_bind_text(sqlite3_stmt *statement, int index, const void *text, size_t size) {
    return sqlite3_bind_text64(statement, index, text, size, SQLITE_TRANSIENT, SQLITE_UTF8);
}

/// SQLite copies the bytes. An empty blob is not NULL.
static inline int nova_bind_blob(sqlite3_stmt *statement, int index, const void *bytes, size_t size) {
    return size == 0 ? sqlite3_bind_zeroblob(statement, index, 0)
                     : sqlite3_bind_blob64(statement, index, bytes, size, SQLITE_TRANSIENT);
}

internal import CMalloc

/// Configures glibc's allocator to return the memory of a large page to the system: mallopt(3).
package enum Allocator {
    /// The smallest block in bytes that is mapped on its own and unmapped when it is freed.
    ///
    /// glibc raises this threshold to the largest block that was ever freed. After the first
    /// /metrics the next one would be on the heap, and the heap would stay that large.
    static let mappedBytes: Int32 = 128 << 10

    /// Call it before a second thread starts.
    package static func setUp() {
        // A heap per thread would keep the peak memory of each thread.
        _ = mallopt(M_ARENA_MAX, 1)
        _ = mallopt(M_MMAP_THRESHOLD, mappedBytes)
    }
}

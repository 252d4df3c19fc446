internal import CMalloc

/// The allocator of glibc, set to give back what a page took: mallopt(3).
package enum Allocator {
    /// The smallest block that is memory of its own, and goes back to the system once it is freed.
    ///
    /// By default that grows to the largest block that was ever freed: after one /metrics the next
    /// is made on the heap, which then stays as large.
    static let ownMemory: Int32 = 128 << 10

    /// Sets it up; before there is a second thread.
    package static func setUp() {
        // A heap for each thread would keep the most that each of them ever needed.
        _ = mallopt(M_ARENA_MAX, 1)
        _ = mallopt(M_MMAP_THRESHOLD, ownMemory)
    }
}

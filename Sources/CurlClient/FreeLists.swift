internal import CCurl
internal import CMalloc
import Glibc

/// libcurl's allocator: keeps freed pieces by size for later allocations of the same size.
///
/// libcurl allocates about forty pieces for each GET and frees most of them at its end. glibc's
/// malloc caches seven pieces of a size, and its calloc does not use that cache. Beyond it malloc
/// searches, merges and splits free chunks, which with many servers are no longer in the CPU cache.
/// These lists return the piece that was freed last.
///
/// Each thread has lists of its own, created when it first frees a piece and freed when it ends.
/// Every piece comes from malloc(3), so a thread may free what another allocated.
@safe struct FreeLists {
    /// The free pieces of one size; each holds the address of the next.
    @unsafe private struct List {
        var first: UnsafeMutableRawPointer?
        var count = 0
    }

    /// The pieces of one size that are kept at most: enough for the fetches of one batch.
    ///
    /// If all lists were full, a thread would hold 8.3 MiB.
    static let limit = 64
    // List n holds pieces of step * n + slack bytes, glibc's chunk sizes. Another allocator may
    // return larger pieces; malloc_usable_size(3) is valid for all of them.
    private static let step = 16
    private static let slack = 8
    private static let listCount = 129
    /// The largest size that is kept.
    static let largest = (listCount - 1) * step + slack

    private let lists: UnsafeMutablePointer<List>

    private init(_ lists: UnsafeMutableRawPointer) {
        unsafe self.lists = lists.assumingMemoryBound(to: List.self)
    }

    /// Initializes libcurl with this allocator, for the whole process.
    static func install() -> CURLcode {
        unsafe curl_global_init_mem(
            Int(CURL_GLOBAL_ALL),
            { unsafe FreeLists.allocate($0) },
            { unsafe FreeLists.free($0) },
            { unsafe FreeLists.reallocate($0, $1) },
            { unsafe FreeLists.duplicate($0) },
            { unsafe FreeLists.allocateZeroed($0, $1) }
        )
    }

    /// Like malloc(3).
    static func allocate(_ size: Int) -> UnsafeMutableRawPointer? {
        guard size >= 0 else { return nil }  // malloc(3) fails above PTRDIFF_MAX
        guard size <= largest else { return unsafe malloc(size) }
        let number = (max(size, slack + 1) - slack + step - 1) / step
        return unsafe ofThread?.take(from: number) ?? malloc(number * step + slack)
    }

    /// Like free(3).
    static func free(_ piece: UnsafeMutableRawPointer?) {
        guard let piece = unsafe piece else { return }
        let size = unsafe malloc_usable_size(piece)
        if size <= largest, let lists = ofThreadOrNew,
            unsafe lists.keep(piece, in: (size - slack) / step)
        {
            return
        }
        unsafe Glibc.free(piece)
    }

    /// Like realloc(3).
    static func reallocate(
        _ piece: UnsafeMutableRawPointer?,
        _ size: Int
    ) -> UnsafeMutableRawPointer? {
        guard let piece = unsafe piece else { return unsafe allocate(size) }
        let usable = unsafe malloc_usable_size(piece)
        if size > largest { return unsafe realloc(piece, size) }
        if usable / 2 <= size, size <= usable { return unsafe piece }
        guard let other = unsafe allocate(size) else { return nil }
        unsafe other.copyMemory(from: piece, byteCount: min(usable, size))
        unsafe free(piece)
        return unsafe other
    }

    /// Like strdup(3).
    static func duplicate(_ text: UnsafePointer<CChar>?) -> UnsafeMutablePointer<CChar>? {
        guard let text = unsafe text else { return nil }
        let size = unsafe strlen(text) + 1
        guard let copy = unsafe allocate(size) else { return nil }
        unsafe copy.copyMemory(from: text, byteCount: size)
        return unsafe copy.assumingMemoryBound(to: CChar.self)
    }

    /// Like calloc(3).
    static func allocateZeroed(_ count: Int, _ size: Int) -> UnsafeMutableRawPointer? {
        let (total, overflows) = UInt(bitPattern: count)
            .multipliedReportingOverflow(by: UInt(bitPattern: size))
        guard !overflows, let piece = unsafe allocate(Int(bitPattern: total)) else { return nil }
        unsafe memset(piece, 0, Int(total))
        return unsafe piece
    }

    /// The lists of the calling thread; nil before it freed a piece.
    private static var ofThread: FreeLists? {
        unsafe pthread_getspecific(key).map { unsafe FreeLists($0) }
    }

    /// The lists of the calling thread; nil if memory is short.
    private static var ofThreadOrNew: FreeLists? {
        if let lists = ofThread { return lists }
        guard let lists = unsafe calloc(listCount, MemoryLayout<List>.stride) else { return nil }
        guard unsafe pthread_setspecific(key, lists) == 0 else {
            unsafe Glibc.free(lists)
            return nil
        }
        return unsafe FreeLists(lists)
    }

    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        let status = unsafe pthread_key_create(&key) { lists in
            if let lists = unsafe lists { unsafe FreeLists(lists).end() }
        }
        precondition(status == 0, "no thread-specific key is available: error \(status)")
        return key
    }()

    private func take(from number: Int) -> UnsafeMutableRawPointer? {
        guard let piece = unsafe lists[number].first else { return nil }
        unsafe lists[number].first = piece.load(as: UnsafeMutableRawPointer?.self)
        unsafe lists[number].count -= 1
        return unsafe piece
    }

    /// Keeps a freed piece; false if the list is full.
    private func keep(_ piece: UnsafeMutableRawPointer, in number: Int) -> Bool {
        guard unsafe lists[number].count < Self.limit else { return false }
        precondition(unsafe lists[number].first != piece, "a piece of memory was freed twice")
        unsafe piece.storeBytes(of: lists[number].first, as: UnsafeMutableRawPointer?.self)
        unsafe lists[number].first = piece
        unsafe lists[number].count += 1
        return true
    }

    private func end() {
        for number in 0..<Self.listCount {
            while let piece = unsafe take(from: number) { unsafe Glibc.free(piece) }
        }
        unsafe Glibc.free(lists)
    }
}

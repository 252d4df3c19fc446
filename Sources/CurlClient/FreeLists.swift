internal import CCurl
internal import CMalloc
import Glibc

/// The memory that libcurl works with: what it frees is kept, by size, for what it asks for next.
///
/// libcurl allocates some forty pieces in a GET and frees nearly all of them in it. glibc's malloc
/// keeps seven of a size at hand, at which its calloc does not look; beyond them it searches, and
/// merges and splits what is free, which with many peers has left the processor's caches. Here the
/// piece that was freed last comes first.
///
/// Each thread has its own, made when it first frees a piece and freed when it ends. Every piece is
/// from malloc(3), so a thread may free what another allocated.
@safe struct FreeLists {
    /// The free pieces of one size; each holds the address of the next.
    @unsafe private struct List {
        var first: UnsafeMutableRawPointer?
        var count = 0
    }

    /// How many pieces of one size are kept: what some pulls that start together have in use.
    ///
    /// With every size it would come to 8.3 MiB of a thread.
    static let limit = 64
    // The size of list n is step * n + slack bytes, as glibc's pieces are. Of another allocator
    // they may be larger; whatever it says that a piece has may be used.
    private static let step = 16
    private static let slack = 8
    private static let listCount = 129
    /// Of more bytes than this no piece is kept.
    static let largest = (listCount - 1) * step + slack

    private let lists: UnsafeMutablePointer<List>

    private init(_ lists: UnsafeMutableRawPointer) {
        unsafe self.lists = lists.assumingMemoryBound(to: List.self)
    }

    /// Makes libcurl use them, in the whole process; before its first handle.
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

    /// As malloc(3).
    static func allocate(_ size: Int) -> UnsafeMutableRawPointer? {
        guard size >= 0 else { return nil }  // as malloc(3) has nothing above PTRDIFF_MAX
        guard size <= largest else { return unsafe malloc(size) }
        let number = (max(size, slack + 1) - slack + step - 1) / step
        return unsafe ofThread?.take(from: number) ?? malloc(number * step + slack)
    }

    /// As free(3).
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

    /// As realloc(3).
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

    /// As strdup(3).
    static func duplicate(_ text: UnsafePointer<CChar>?) -> UnsafeMutablePointer<CChar>? {
        guard let text = unsafe text else { return nil }
        let size = unsafe strlen(text) + 1
        guard let copy = unsafe allocate(size) else { return nil }
        unsafe copy.copyMemory(from: text, byteCount: size)
        return unsafe copy.assumingMemoryBound(to: CChar.self)
    }

    /// As calloc(3).
    static func allocateZeroed(_ count: Int, _ size: Int) -> UnsafeMutableRawPointer? {
        let (total, overflows) = UInt(bitPattern: count)
            .multipliedReportingOverflow(by: UInt(bitPattern: size))
        guard !overflows, let piece = unsafe allocate(Int(bitPattern: total)) else { return nil }
        unsafe memset(piece, 0, Int(total))
        return unsafe piece
    }

    // The lists of the thread that calls.

    private static var ofThread: FreeLists? {
        unsafe pthread_getspecific(key).map { unsafe FreeLists($0) }
    }

    /// Nil if there is no memory for them.
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
        precondition(status == 0, "no place for what belongs to a thread: error \(status)")
        return key
    }()

    private func take(from number: Int) -> UnsafeMutableRawPointer? {
        guard let piece = unsafe lists[number].first else { return nil }
        unsafe lists[number].first = piece.load(as: UnsafeMutableRawPointer?.self)
        unsafe lists[number].count -= 1
        return unsafe piece
    }

    /// Whether there was room for it.
    private func keep(_ piece: UnsafeMutableRawPointer, in number: Int) -> Bool {
        guard unsafe lists[number].count < Self.limit else { return false }
        precondition(unsafe lists[number].first != piece, "a piece of memory is freed once")
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

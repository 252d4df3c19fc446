import CCurl
import CMalloc
import Glibc
import TestSupport
import Testing

@testable import CurlClient

/// Each test stays on one thread and its lists; a piece is represented by its address.
struct FreeListsTests {
    @Test func `an allocation returns the piece of its size that was freed last`() {
        let (pieces, others) = pieces(of: 104, count: 20)
        for piece in pieces { free(piece) }
        let larger = allocate(200)
        #expect(!pieces.contains(larger))
        for piece in pieces.reversed() { #expect(allocate(104) == piece) }
        for piece in pieces + others + [larger] { free(piece) }
    }

    @Test(arguments: [0, 1, 24, 25, 1_000, largest, largest + 1, 1 << 20])
    func `a piece has at least the requested size`(size: Int) throws {
        for _ in 1...3 {
            let piece = unsafe try #require(nova_list_malloc(size))
            unsafe memset(piece, 0xff, size)
            unsafe nova_list_free(piece)
        }
    }

    @Test func `a zeroed piece is zero, although the freed piece was not`() throws {
        let (pieces, others) = pieces(of: 104, count: 20)
        for piece in others + pieces {
            let bytes = unsafe try #require(UnsafeMutableRawPointer(bitPattern: piece))
            unsafe memset(bytes, 0xff, 104)
            unsafe nova_list_free(bytes)
        }
        let zeroed = unsafe try #require(nova_list_calloc(8, 13))
        #expect(UInt(bitPattern: zeroed) == pieces.last)
        let bytes = unsafe UnsafeRawBufferPointer(start: zeroed, count: 104)
        #expect(unsafe bytes.allSatisfy { $0 == 0 })
        unsafe nova_list_free(zeroed)
    }

    @Test func `an impossible size is refused`() {
        // In C these are the largest count and the largest size.
        #expect(allocate(-1) == 0)
        #expect(unsafe nova_list_calloc(Int.max, 2) == nil)
        #expect(unsafe nova_list_calloc(-1, -1) == nil)
        #expect(unsafe nova_list_calloc(1 << 32, 1 << 32) == nil)
    }

    @Test func `reallocation keeps the contents of a piece`() throws {
        let text = "Half a league, half a league, half a league onward"
        var piece = unsafe try #require(nova_list_strdup(text))
        for size in [80, 60, 3_000, 5_000, 100, 51] {
            let moved = unsafe try #require(nova_list_realloc(piece, size))
            unsafe piece = moved.assumingMemoryBound(to: CChar.self)
            #expect(unsafe String(cString: piece) == text)
        }
        unsafe nova_list_free(piece)
    }

    @Test func `at most limit pieces of a size are kept`() async throws {
        let (kept, next) = try await onNewThread {
            let (pieces, others) = pieces(of: 520, count: 4 * limit)
            for piece in pieces { free(piece) }
            // If a later piece had been kept, it would be the first here.
            let next = (0..<limit).map { _ in allocate(520) }
            for piece in others + next { free(piece) }
            return (Array(pieces.prefix(limit).reversed()), next)
        }
        #expect(kept == next)
    }

    @Test func `a thread that frees a piece of another thread reuses it`() async throws {
        let (pieces, others) = pieces(of: 104, count: 20)
        let next = try await onNewThread { [pieces, others] in
            for piece in others + pieces { free(piece) }
            let next = pieces.map { _ in allocate(104) }
            for piece in next { free(piece) }
            return next
        }
        #expect(next == pieces.reversed())
    }

    #if !PLAIN_MALLOC
    @Test func `libcurl uses the free lists even if its first handle is an easy handle`() {
        do { _ = EasyHandle(limits: .small()) }
        let (pieces, others) = pieces(of: 24, count: 20)
        for piece in others + pieces { free(piece) }
        // The copy of the text is its first allocation.
        let list = unsafe curl_slist_append(nil, "short")
        #expect(unsafe UInt(bitPattern: list?.pointee.data) == pieces.last)
        unsafe curl_slist_free_all(list)
    }
    #endif
}

/// Allocates pieces; those that have exactly the requested size come first.
private func pieces(of size: Int, count: Int) -> (exact: [UInt], larger: [UInt]) {
    let pieces = (0..<count).map { _ in allocate(size) }
    let isExact = { (piece: UInt) in
        unsafe malloc_usable_size(UnsafeMutableRawPointer(bitPattern: piece)) == size
    }
    return (pieces.filter(isExact), pieces.filter { !isExact($0) })
}

private let limit = Int(NOVA_LIST_LIMIT)
private let largest = Int(NOVA_LIST_LARGEST)

private func allocate(_ size: Int) -> UInt {
    unsafe UInt(bitPattern: nova_list_malloc(size))
}

private func free(_ piece: UInt) {
    unsafe nova_list_free(UnsafeMutableRawPointer(bitPattern: piece))
}

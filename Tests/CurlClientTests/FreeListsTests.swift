import CCurl
import CMalloc
import Glibc
import TestSupport
import Testing

@testable import CurlClient

/// Each stays on one thread, and so with the lists of it; a piece is named by its address.
struct FreeListsTests {
    @Test func `the piece of a size that was freed last is the next of that size`() {
        let (pieces, others) = pieces(of: 104, count: 20)
        for piece in pieces { free(piece) }
        let larger = allocate(200)
        #expect(!pieces.contains(larger))
        for piece in pieces.reversed() { #expect(allocate(104) == piece) }
        for piece in pieces + others + [larger] { free(piece) }
    }

    @Test(arguments: [0, 1, 24, 25, 1_000, FreeLists.largest, FreeLists.largest + 1, 1 << 20])
    func `a piece has at least the size that was asked for`(size: Int) throws {
        for _ in 1...3 {
            let piece = unsafe try #require(FreeLists.allocate(size))
            unsafe memset(piece, 0xff, size)
            unsafe FreeLists.free(piece)
        }
    }

    @Test func `a zeroed piece is zero although what was freed was not`() throws {
        let (pieces, others) = pieces(of: 104, count: 20)
        for piece in others + pieces {
            let bytes = unsafe try #require(UnsafeMutableRawPointer(bitPattern: piece))
            unsafe memset(bytes, 0xff, 104)
            unsafe FreeLists.free(bytes)
        }
        let zeroed = unsafe try #require(FreeLists.allocateZeroed(8, 13))
        #expect(UInt(bitPattern: zeroed) == pieces.last)
        let bytes = unsafe UnsafeRawBufferPointer(start: zeroed, count: 104)
        #expect(unsafe bytes.allSatisfy { $0 == 0 })
        unsafe FreeLists.free(zeroed)
    }

    @Test func `a size that cannot be is refused`() {
        #expect(allocate(-1) == 0)
        #expect(unsafe FreeLists.allocateZeroed(Int.max, 2) == nil)
        // As C sees it, the largest of all sizes so many times.
        #expect(unsafe FreeLists.allocateZeroed(-1, -1) == nil)
        #expect(unsafe FreeLists.allocateZeroed(1 << 32, 1 << 32) == nil)
    }

    @Test func `what is in a piece stays when its size changes`() throws {
        let text = "Half a league, half a league, half a league onward"
        var piece = unsafe try #require(FreeLists.duplicate(text))
        for size in [80, 60, 3_000, 5_000, 100, 51] {
            let moved = unsafe try #require(FreeLists.reallocate(piece, size))
            unsafe piece = moved.assumingMemoryBound(to: CChar.self)
            #expect(unsafe String(cString: piece) == text)
        }
        unsafe FreeLists.free(piece)
    }

    @Test func `of a size no more are kept than the limit`() async throws {
        let (kept, next) = try await onOwnThread {
            let (pieces, others) = pieces(of: 520, count: 4 * FreeLists.limit)
            for piece in pieces { free(piece) }
            // Had a later one been kept, it would be the first to come.
            let next = (0..<FreeLists.limit).map { _ in allocate(520) }
            for piece in others + next { free(piece) }
            return (Array(pieces.prefix(FreeLists.limit).reversed()), next)
        }
        #expect(kept == next)
    }

    @Test func `a piece may be freed by another thread, which then has it`() async throws {
        let (pieces, others) = pieces(of: 104, count: 20)
        let next = try await onOwnThread { [pieces, others] in
            for piece in others + pieces { free(piece) }
            let next = pieces.map { _ in allocate(104) }
            for piece in next { free(piece) }
            return next
        }
        #expect(next == pieces.reversed())
    }

    #if !PLAIN_MALLOC
    @Test func `libcurl has its memory from them, though a transfer is its first handle`() {
        do { _ = EasyHandle(limits: .small()) }
        let (pieces, others) = pieces(of: 24, count: 20)
        for piece in others + pieces { free(piece) }
        // Its text is the first that it allocates.
        let list = unsafe curl_slist_append(nil, "short")
        #expect(unsafe UInt(bitPattern: list?.pointee.data) == pieces.last)
        unsafe curl_slist_free_all(list)
    }
    #endif
}

/// So many pieces, those first that have just the size that was asked for.
private func pieces(of size: Int, count: Int) -> (exact: [UInt], larger: [UInt]) {
    let pieces = (0..<count).map { _ in allocate(size) }
    let isExact = { (piece: UInt) in
        unsafe malloc_usable_size(UnsafeMutableRawPointer(bitPattern: piece)) == size
    }
    return (pieces.filter(isExact), pieces.filter { !isExact($0) })
}

private func allocate(_ size: Int) -> UInt {
    unsafe UInt(bitPattern: FreeLists.allocate(size))
}

private func free(_ piece: UInt) {
    unsafe FreeLists.free(UnsafeMutableRawPointer(bitPattern: piece))
}

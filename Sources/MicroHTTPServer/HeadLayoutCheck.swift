/// Checks that the parts of a head are adjacent in memory, so that nothing is hidden between them.
///
/// The library parses a head in its receive buffer: it replaces separators with NULs and returns C
/// strings that point into the buffer. The gaps reveal what the strings do not: a NUL within a line
/// hides the rest of the line, a bare LF makes a gap one byte too small, and a folded line is moved
/// elsewhere. Only addresses are compared; no byte outside the strings is read.
///
///     GET␀/path?query␀HTTP/1.1␀␀Host␀ example␀␀Accept␀ */*␀␀␀␀
///     ▲   ▲           ▲         ▲            ▲           ▲   ▲ method + size of the head
///     method  target  version   name         name        end of the last line
struct HeadLayoutCheck {
    private var head: Head
    private let start: UInt
    /// Where the next line must begin.
    private var cursor: UInt

    /// CR LF, overwritten by two NULs.
    private static let lineEnd: UInt = 2

    /// Checks the request line.
    init(_ head: Head, method: Extent, target: Extent, version: Extent) {
        self.head = head
        start = method.start
        cursor = version.end + Self.lineEnd
        if method.end + 1 != target.start || target.end + 1 != version.start { fail() }
    }

    /// Checks the next header.
    mutating func visit(
        name: Span<UInt8>,
        at nameStart: UInt,
        value: Span<UInt8>,
        at valueStart: UInt
    ) {
        head.note(name: name, value: value)
        // Between the colon and the value the library skips only blanks.
        let nameEnd = nameStart + UInt(name.count)
        if nameStart != cursor || valueStart <= nameEnd { fail() }
        cursor = valueStart + UInt(value.count) + Self.lineEnd
    }

    /// The head, once every header was visited: only the empty line may be left.
    consuming func finish(headSize: Int) -> Head {
        if cursor + Self.lineEnd != start + UInt(headSize) { fail() }
        return head
    }

    private mutating func fail() { head.fault = head.fault ?? .layout }
}

/// The position of a string in the head.
struct Extent {
    let start: UInt
    let count: Int

    /// The address of its terminating NUL.
    var end: UInt { start + UInt(count) }
}

/// Reads a JSON document value by value, for a caller that knows what should stand where.
///
/// It builds no tree, so a document costs the memory of its bytes and of what the caller keeps.
/// A byte order mark at the start is skipped, as RFC 8259 allows. After a fault nothing more may be
/// read.
package struct JSONWalk {
    private let bytes: [UInt8]
    private var index: Int
    /// How many lists and objects have been entered and not left.
    private var depth = 0
    private var countedTo = 0
    private var countedLines = 1

    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
        index = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        let start = JSON.afterBlanks(bytes.span, index)
        index = start
    }

    /// Whether only white space is left.
    package var isAtEnd: Bool { index == bytes.count }

    /// The line of what is read next, from 1.
    package var line: Int {
        mutating get {
            countedLines += lineFeeds(countedTo..<index)
            countedTo = index
            return countedLines
        }
    }

    /// The line of a place in the document, such as that of a fault.
    package func line(at offset: Int) -> Int { 1 + lineFeeds(0..<min(offset, bytes.count)) }

    /// What kind of value is next, by its first byte.
    package func kind() throws(JSONFault) -> JSONKind {
        switch try JSON.byte(bytes.span, index) {
        case UInt8(ascii: "{"): .object
        case UInt8(ascii: "["): .array
        case UInt8(ascii: "\""): .string
        case UInt8(ascii: "t"), UInt8(ascii: "f"): .boolean
        case UInt8(ascii: "n"): .null
        default: .number
        }
    }

    /// Steps into the list or object that is next.
    package mutating func enter() throws(JSONFault) {
        guard depth < JSON.depthLimit else { throw JSONFault(.tooDeep, at: index) }
        index += 1
        depth += 1
    }

    /// Goes to the next value of the list; false after the last, when the list has been left.
    package mutating func nextItem(isFirst: Bool) throws(JSONFault) -> Bool {
        let end = UInt8(ascii: "]")
        let isThere = try read { bytes, index throws(JSONFault) in
            try JSON.next(bytes, &index, isFirst: isFirst, end: end)
        }
        if !isThere { depth -= 1 }
        return isThere
    }

    /// Goes to the next value of the object; returns its key, or nil when the object has been left.
    package mutating func nextKey(isFirst: Bool) throws(JSONFault) -> String? {
        let key = try read { bytes, index throws(JSONFault) in
            try JSON.nextKey(bytes, &index, isFirst: isFirst)
        }
        if key == nil { depth -= 1 }
        return try key.map(text)
    }

    /// Reads the string that is next.
    package mutating func string() throws(JSONFault) -> String {
        try text(of: read { bytes, index throws(JSONFault) in try JSON.string(bytes, &index) })
    }

    /// Reads the value that is next, and drops it.
    package mutating func skip() throws(JSONFault) {
        _ = try read { [depth] bytes, index throws(JSONFault) in
            try JSON.value(bytes, &index, depth: depth)
        }
    }

    /// Expects nothing but white space up to the end.
    package mutating func end() throws(JSONFault) {
        index = JSON.afterBlanks(bytes.span, index)
        guard isAtEnd else { throw JSONFault(.trailingBytes, at: index) }
    }

    /// Lets `body` read from where this walk is, and goes on where it left off.
    private mutating func read<Value>(
        _ body: (Span<UInt8>, inout Int) throws(JSONFault) -> Value
    ) throws(JSONFault) -> Value {
        var place = index
        defer { index = place }
        return try body(bytes.span, &place)
    }

    private func text(of value: JSONValue) throws(JSONFault) -> String {
        var text = String.UnicodeScalarView()
        var place = value.content.lowerBound
        while place < value.content.upperBound {
            text.append(try JSON.scalar(bytes.span, &place))
        }
        return String(text)
    }

    private func lineFeeds(_ range: Range<Int>) -> Int {
        bytes[range].count { $0 == UInt8(ascii: "\n") }
    }
}

/// Reads a JSON document value by value, for a caller that knows its structure.
///
/// It builds no tree, so it needs no memory beyond the document and what the caller keeps. A byte
/// order mark at the start is skipped, as RFC 8259 allows. After a fault the walk must not be used.
package struct JSONWalk {
    private let bytes: [UInt8]
    private var index: Int
    /// The number of arrays and objects that have been entered and not left.
    private var depth = 0
    private var countedTo = 0
    private var countedLines = 1

    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
        index = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        let start = JSON.afterBlanks(bytes.span, index)
        index = start
    }

    /// Whether the whole document has been read.
    package var isAtEnd: Bool { index == bytes.count }

    /// The line number of the next value, from 1.
    package var line: Int {
        mutating get {
            countedLines += lineFeeds(countedTo..<index)
            countedTo = index
            return countedLines
        }
    }

    /// The line number of a byte offset, such as that of a fault.
    package func line(at offset: Int) -> Int { 1 + lineFeeds(0..<min(offset, bytes.count)) }

    /// The kind of the next value, by its first byte; `.number` for an invalid one.
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

    /// Steps into the next value, which must be an array or an object.
    package mutating func enter() throws(JSONFault) {
        guard depth < JSON.depthLimit else { throw JSONFault(.tooDeep, at: index) }
        index += 1
        depth += 1
    }

    /// Goes to the next value of the array; false after the last, when the array has been left.
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

    /// Reads the next value, which must be a string.
    package mutating func string() throws(JSONFault) -> String {
        try text(of: read { bytes, index throws(JSONFault) in try JSON.string(bytes, &index) })
    }

    /// Reads the next value; returns nil if it is no number.
    package mutating func number() throws(JSONFault) -> Double? {
        let value = try read { [depth] bytes, index throws(JSONFault) in
            try JSON.value(bytes, &index, depth: depth)
        }
        return value.kind == .number ? JSON.double(value, bytes.span) : nil
    }

    /// Skips the next value.
    package mutating func skip() throws(JSONFault) {
        _ = try read { [depth] bytes, index throws(JSONFault) in
            try JSON.value(bytes, &index, depth: depth)
        }
    }

    /// Checks that only white space follows.
    package mutating func end() throws(JSONFault) {
        index = JSON.afterBlanks(bytes.span, index)
        guard isAtEnd else { throw JSONFault(.trailingBytes, at: index) }
    }

    /// Calls `body` with the current index, and keeps the index that it leaves.
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

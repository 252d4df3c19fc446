/// Reads a JSON document value by value, for a caller that knows its structure.
///
/// It builds no tree, so it needs little memory. It skips a byte order mark at the start, as RFC
/// 8259 allows. It must not be used after a fault.
package struct JSONWalk {
    // A span of this property counts as access to all of `self`. So methods that pass `&index` with
    // it take the span of a local copy.
    private let bytes: [UInt8]
    private var index: Int
    /// The number of arrays and objects that have been entered and not left.
    private var depth = 0
    private var countedTo = 0
    private var countedLines = 1

    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
        index = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        JSON.blanks(bytes.span, &index)
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
        try JSON.enter(&index, depth: depth)
        depth += 1
    }

    /// Moves to the next item of the array; after the last, leaves the array and returns false.
    package mutating func nextItem(isFirst: Bool) throws(JSONFault) -> Bool {
        let bytes = bytes
        let end = UInt8(ascii: "]")
        let hasNext = try JSON.next(bytes.span, &index, isFirst: isFirst, end: end)
        if !hasNext { depth -= 1 }
        return hasNext
    }

    /// Moves to the next value of the object; after the last, leaves the object and returns nil.
    ///
    /// - Returns: The key of the value.
    package mutating func nextKey(isFirst: Bool) throws(JSONFault) -> String? {
        let bytes = bytes
        let key = try JSON.nextKey(bytes.span, &index, isFirst: isFirst)
        if key == nil { depth -= 1 }
        return try key.map(text)
    }

    /// Reads the next value, which must be a string.
    package mutating func string() throws(JSONFault) -> String {
        let bytes = bytes
        return try text(of: JSON.string(bytes.span, &index))
    }

    /// Reads the next value; returns nil if it is not a number.
    package mutating func number() throws(JSONFault) -> Double? {
        let bytes = bytes
        let value = try JSON.value(bytes.span, &index, depth: depth)
        return value.kind == .number ? JSON.double(value, bytes.span) : nil
    }

    /// Reads the next value, which must be true or false.
    package mutating func boolean() throws(JSONFault) -> Bool {
        let isTrue = bytes.indices.contains(index) && bytes[index] == UInt8(ascii: "t")
        try skip()
        return isTrue
    }

    /// Skips the next value.
    package mutating func skip() throws(JSONFault) {
        let bytes = bytes
        _ = try JSON.value(bytes.span, &index, depth: depth)
    }

    /// Checks that only white space follows.
    package mutating func end() throws(JSONFault) {
        let bytes = bytes
        JSON.blanks(bytes.span, &index)
        guard isAtEnd else { throw JSONFault(.trailingBytes, at: index) }
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

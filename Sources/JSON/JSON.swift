/// A strict reader of JSON (RFC 8259) that builds no tree.
///
/// Every function takes the bytes and a start index, and moves the index past what it read. The
/// first invalid byte ends reading. Only short keys, strings that the caller needs and rare numbers
/// are read twice, so the cost of a body is linear in its length.
package enum JSON {
    /// The maximum nesting of arrays and objects.
    static let depthLimit = 32

    /// Reads one value; `depth` is the number of arrays and objects around it.
    package static func value(
        _ bytes: Span<UInt8>,
        _ index: inout Int,
        depth: Int
    ) throws(JSONFault) -> JSONValue {
        let start = index
        let kind: JSONKind
        switch try byte(bytes, index) {
        case UInt8(ascii: "\""):
            return try string(bytes, &index)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            let number = try number(bytes, &index)
            return JSONValue(kind: .number, content: start..<index, number: number)
        case UInt8(ascii: "{"):
            try object(bytes, &index, depth: depth)
            kind = .object
        case UInt8(ascii: "["):
            try array(bytes, &index, depth: depth)
            kind = .array
        case UInt8(ascii: "t"):
            try literal("true", bytes, &index)
            kind = .boolean
        case UInt8(ascii: "f"):
            try literal("false", bytes, &index)
            kind = .boolean
        case UInt8(ascii: "n"):
            try literal("null", bytes, &index)
            kind = .null
        default: throw JSONFault(.unexpectedByte, at: index)
        }
        return JSONValue(kind: kind, content: start..<index)
    }

    /// Steps over the opening bracket of an array or object; `depth` is the nesting around it.
    package static func enter(_ index: inout Int, depth: Int) throws(JSONFault) {
        guard depth < depthLimit else { throw JSONFault(.tooDeep, at: index) }
        index += 1
    }

    /// Reads the next key of an object and its colon; nil after the last member.
    ///
    /// The index must be after the opening brace or after a value.
    @inline(__always)
    package static func nextKey(
        _ bytes: Span<UInt8>,
        _ index: inout Int,
        isFirst: Bool
    ) throws(JSONFault) -> JSONValue? {
        guard try next(bytes, &index, isFirst: isFirst, end: UInt8(ascii: "}")) else { return nil }
        guard try byte(bytes, index) == UInt8(ascii: "\"") else {
            throw JSONFault(.unexpectedByte, at: index)
        }
        let key = try string(bytes, &index)
        blanks(bytes, &index)
        guard try byte(bytes, index) == UInt8(ascii: ":") else {
            throw JSONFault(.unexpectedByte, at: index)
        }
        index += 1
        blanks(bytes, &index)
        return key
    }

    /// The byte at `index`; throws `.truncated` at the end of the body.
    package static func byte(_ bytes: Span<UInt8>, _ index: Int) throws(JSONFault) -> UInt8 {
        guard index < bytes.count else { throw JSONFault(.truncated, at: index) }
        return bytes[index]
    }

    /// Skips JSON white space.
    @inline(__always)
    package static func blanks(_ bytes: Span<UInt8>, _ index: inout Int) {
        while index < bytes.count, bytes[index] <= 0x20 {
            switch bytes[index] {
            case 0x20, 0x0A, 0x0D, 0x09: index += 1
            default: return
            }
        }
    }

    private static func object(
        _ bytes: Span<UInt8>,
        _ index: inout Int,
        depth: Int
    ) throws(JSONFault) {
        try enter(&index, depth: depth)
        var isFirst = true
        while try nextKey(bytes, &index, isFirst: isFirst) != nil {
            isFirst = false
            _ = try value(bytes, &index, depth: depth + 1)
        }
    }

    private static func array(
        _ bytes: Span<UInt8>,
        _ index: inout Int,
        depth: Int
    ) throws(JSONFault) {
        try enter(&index, depth: depth)
        var isFirst = true
        while try next(bytes, &index, isFirst: isFirst, end: UInt8(ascii: "]")) {
            isFirst = false
            _ = try value(bytes, &index, depth: depth + 1)
        }
    }

    /// Whether another element follows; reads the comma before it or the closing bracket.
    @inline(__always)
    static func next(
        _ bytes: Span<UInt8>,
        _ index: inout Int,
        isFirst: Bool,
        end: UInt8
    ) throws(JSONFault) -> Bool {
        blanks(bytes, &index)
        let found = try byte(bytes, index)
        if found == end {
            index += 1
            return false
        }
        if isFirst { return true }
        guard found == UInt8(ascii: ",") else { throw JSONFault(.unexpectedByte, at: index) }
        index += 1
        blanks(bytes, &index)
        return true
    }

    private static func literal(
        _ word: String,
        _ bytes: Span<UInt8>,
        _ index: inout Int
    ) throws(JSONFault) {
        for expected in word.utf8 {
            guard try byte(bytes, index) == expected else {
                throw JSONFault(.unexpectedByte, at: index)
            }
            index += 1
        }
    }
}

extension JSON {
    /// Reads a string, checks every scalar of it, and returns its content, between the quotes.
    static func string(
        _ bytes: Span<UInt8>,
        _ index: inout Int
    ) throws(JSONFault) -> Range<Int> {
        index += 1
        let start = index
        while try byte(bytes, index) != UInt8(ascii: "\"") { _ = try scalar(bytes, &index) }
        index += 1
        return start..<(index - 1)
    }

    /// A key of at most sixteen ASCII characters, its escapes undone, as one number of sixteen
    /// bytes; nil for any other key.
    ///
    /// So that a key costs the same few comparisons whatever it is, and is never built.
    static func shortKey(
        _ bytes: Span<UInt8>,
        _ content: Range<Int>
    ) throws(JSONFault) -> UInt128? {
        var key: UInt128 = 0
        var index = content.lowerBound
        while index < content.upperBound {
            let scalar = try scalar(bytes, &index)
            // A zero in front would not show, and sixteen bytes are full once the first is not 0.
            guard 1..<0x80 ~= scalar.value, key >> 120 == 0 else { return nil }
            key = key << 8 | UInt128(scalar.value)
        }
        return key
    }

    /// Reads one scalar of a string's content, escaped or not.
    static func scalar(
        _ bytes: Span<UInt8>,
        _ index: inout Int
    ) throws(JSONFault) -> Unicode.Scalar {
        let first = try byte(bytes, index)
        switch first {
        case ..<0x20: throw JSONFault(.controlCharacter, at: index)
        case UInt8(ascii: "\\"): return try escape(bytes, &index)
        case ..<0x80:
            index += 1
            return Unicode.Scalar(first)
        default: return try multibyte(bytes, &index)
        }
    }

    /// Two to four bytes of UTF-8; no shorter form may exist, and it must name a scalar.
    private static func multibyte(
        _ bytes: Span<UInt8>,
        _ index: inout Int
    ) throws(JSONFault) -> Unicode.Scalar {
        let first = bytes[index]
        let following: Int
        let smallest: UInt32
        switch first {
        case 0xC0...0xDF: (following, smallest) = (1, 0x80)
        case 0xE0...0xEF: (following, smallest) = (2, 0x800)
        case 0xF0...0xF7: (following, smallest) = (3, 0x10000)
        default: throw JSONFault(.invalidUTF8, at: index)
        }
        var value = UInt32(first) & (0x3F >> UInt32(following))
        for offset in 1...following {
            let next = try byte(bytes, index + offset)
            guard next & 0xC0 == 0x80 else { throw JSONFault(.invalidUTF8, at: index + offset) }
            value = value << 6 | UInt32(next & 0x3F)
        }
        guard value >= smallest, let scalar = Unicode.Scalar(value) else {
            throw JSONFault(.invalidUTF8, at: index)
        }
        index += following + 1
        return scalar
    }

    private static func escape(
        _ bytes: Span<UInt8>,
        _ index: inout Int
    ) throws(JSONFault) -> Unicode.Scalar {
        let start = index
        let letter = try byte(bytes, index + 1)
        index += 2
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"):
            return Unicode.Scalar(letter)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try codeUnits(bytes, &index, start: start)
        default: throw JSONFault(.invalidEscape, at: start)
        }
    }

    /// The scalar of `\uXXXX`, or of two such that are a surrogate pair.
    private static func codeUnits(
        _ bytes: Span<UInt8>,
        _ index: inout Int,
        start: Int
    ) throws(JSONFault) -> Unicode.Scalar {
        let unit = try fourHexDigits(bytes, &index)
        if let scalar = Unicode.Scalar(unit) { return scalar }
        guard unit < 0xDC00,
            try byte(bytes, index) == UInt8(ascii: "\\"),
            try byte(bytes, index + 1) == UInt8(ascii: "u")
        else { throw JSONFault(.loneSurrogate, at: start) }
        index += 2
        let low = try fourHexDigits(bytes, &index)
        guard 0xDC00...0xDFFF ~= low,
            let scalar = Unicode.Scalar(0x10000 + (unit & 0x3FF) << 10 + low & 0x3FF)
        else { throw JSONFault(.loneSurrogate, at: start) }
        return scalar
    }

    private static func fourHexDigits(
        _ bytes: Span<UInt8>,
        _ index: inout Int
    ) throws(JSONFault) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            let digit = try byte(bytes, index)
            let nibble: UInt8
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): nibble = digit - UInt8(ascii: "0")
            case UInt8(ascii: "A")...UInt8(ascii: "F"): nibble = digit - UInt8(ascii: "A") + 10
            case UInt8(ascii: "a")...UInt8(ascii: "f"): nibble = digit - UInt8(ascii: "a") + 10
            default: throw JSONFault(.invalidEscape, at: index)
            }
            value = value << 4 | UInt32(nibble)
            index += 1
        }
        return value
    }
}

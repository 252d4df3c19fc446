extension JSON {
    /// Reads a string and validates all of its scalars.
    @inline(__always)
    static func string(_ bytes: Span<UInt8>, _ index: inout Int) throws(JSONFault) -> JSONValue {
        index += 1
        let start = index
        index = plainEnd(bytes, from: index)
        let first = index
        while try byte(bytes, index) != UInt8(ascii: "\"") {
            _ = try scalar(bytes, &index)
            index = plainEnd(bytes, from: index)
        }
        index += 1
        let content = start..<(index - 1)
        return JSONValue(kind: .string, content: content, isPlain: first == content.upperBound)
    }

    /// A decoded key of at most 16 ASCII characters as a number, the first character in the lowest
    /// byte; nil for any other key.
    ///
    /// Comparing numbers avoids a string for each key.
    @inline(__always)
    package static func shortKey(
        _ bytes: Span<UInt8>,
        _ key: JSONValue
    ) throws(JSONFault) -> UInt128? {
        let content = key.content
        if key.isPlain, 1...16 ~= content.count {
            let low = word(bytes, at: content.lowerBound)
            let high = word(bytes, at: content.lowerBound + 8)
            let unused = UInt128(128 - 8 * content.count)
            return ((UInt128(high) &<< 64 | UInt128(low)) &<< unused) &>> unused
        }
        var number: UInt128 = 0
        var count: UInt128 = 0
        var index = content.lowerBound
        while index < content.upperBound {
            let scalar = try scalar(bytes, &index)
            // A NUL would look like the end of a shorter key.
            guard 1..<0x80 ~= scalar.value, count < 16 else { return nil }
            number |= UInt128(scalar.value) &<< (8 * count)
            count += 1
        }
        return number
    }

    /// The first index, from `index` on, of a byte that ends the string or needs decoding.
    ///
    /// Nearly all bytes are plain, and are skipped eight at a time. A byte that is not plain sets
    /// its top bit in one of the sums and differences below. A carry may set the top bit of a later
    /// byte too, so only the first one counts.
    private static func plainEnd(_ bytes: Span<UInt8>, from index: Int) -> Int {
        let ones: UInt64 = 0x0101_0101_0101_0101
        var index = index
        while true {
            let word = word(bytes, at: index)
            let quote = word ^ (ones &* UInt64(UInt8(ascii: "\"")))
            let backslash = word ^ (ones &* UInt64(UInt8(ascii: "\\")))
            let control = (word &- ones &* 0x20) & ~word
            let ends = (quote &- ones) & ~quote | (backslash &- ones) & ~backslash
            let beyond = word | (word &+ ones)
            let special = (control | ends | beyond) & (ones &* 0x80)
            if special != 0 { return index + special.trailingZeroBitCount / 8 }
            index += 8
        }
    }

    /// Eight bytes from `index` on as a little-endian number; zeros after the end.
    @inline(__always)
    private static func word(_ bytes: Span<UInt8>, at index: Int) -> UInt64 {
        guard index + 8 <= bytes.count else {
            var word: UInt64 = 0
            for place in stride(from: bytes.count - 1, through: index, by: -1) {
                word = word << 8 | UInt64(bytes[place])
            }
            return word
        }
        return UInt64(
            littleEndian: unsafe bytes.bytes.unsafeLoadUnaligned(
                fromByteOffset: index,
                as: UInt64.self
            )
        )
    }

    /// Reads one scalar inside a string, decoding an escape.
    package static func scalar(
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

    /// Reads two to four bytes of UTF-8; overlong forms and surrogates are invalid.
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

    /// Reads the rest of `\uXXXX`, or of two of them that form a surrogate pair.
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
            guard digit.isHexDigit else { throw JSONFault(.invalidEscape, at: index) }
            // The low four bits of `A` and `a` are 1.
            value = value << 4 + UInt32(digit & 0xF) + (digit.isDigit ? 0 : 9)
            index += 1
        }
        return value
    }
}

extension JSON {
    /// Reads a number by its grammar.
    ///
    /// - Returns: The nearest double, if that is one operation on two that are exact, as integers
    ///   up to 2^53 and powers of ten up to 17 are: it is rounded once. Else nil.
    static func number(_ bytes: Span<UInt8>, _ index: inout Int) throws(JSONFault) -> Double? {
        let isNegative = bytes[index] == UInt8(ascii: "-")
        if isNegative { index += 1 }
        let start = index
        var significand: UInt64 = 0
        if try byte(bytes, index) == UInt8(ascii: "0") {
            index += 1
        } else {
            try digits(bytes, &index, &significand)
        }
        var decimals = 0
        if index < bytes.count, bytes[index] == UInt8(ascii: ".") {
            index += 1
            let first = index
            try digits(bytes, &index, &significand)
            decimals = index - first
        }
        if index < bytes.count, bytes[index] | 0x20 == UInt8(ascii: "e") {
            index += 1
            let sign = try byte(bytes, index)
            if sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") { index += 1 }
            try digits(bytes, &index, &significand)
            return nil
        }
        // So many characters are at most nineteen digits, which 64 bits hold; at most 17 decimals.
        guard index - start <= 19, significand <= 1 << 53 else { return nil }
        let value = Double(significand) / powersOfTen[decimals]
        return isNegative ? -value : value
    }

    /// Reads one digit or more, and appends them to the decimal digits of a number, modulo 2^64.
    private static func digits(
        _ bytes: Span<UInt8>,
        _ index: inout Int,
        _ number: inout UInt64
    ) throws(JSONFault) {
        guard try byte(bytes, index).isDigit else { throw JSONFault(.unexpectedByte, at: index) }
        while index < bytes.count, bytes[index].isDigit {
            number = number &* 10 &+ UInt64(bytes[index] &- UInt8(ascii: "0"))
            index += 1
        }
    }

    private static let powersOfTen: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8,
        1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17,
    ]
}

/// A JSON number as `digits x 10^exponent`, the digits without leading zeros.
package struct JSONDecimal {
    /// No two neighbouring doubles have a midpoint of more significant digits than 767: one more
    /// decides which of them is nearer, and of the rest only whether it is all zeros.
    static let digitLimit = 768

    private var isNegative = false
    /// The bytes from the first digit that is not 0 to the last, and the point if it is between.
    private var digits: Range<Int>
    /// How many digits there are in them.
    private var count = 0
    private var exponent = 0

    /// Takes apart the number at `content`, which `JSON.number` has read before.
    package init(_ bytes: Span<UInt8>, _ content: Range<Int>) {
        digits = content.upperBound..<content.upperBound
        var index = content.lowerBound
        var isFraction = false
        while index < content.upperBound, bytes[index] | 0x20 != UInt8(ascii: "e") {
            let byte = bytes[index]
            isNegative = isNegative || byte == UInt8(ascii: "-")
            isFraction = isFraction || byte == UInt8(ascii: ".")
            if byte.isDigit {
                if isFraction { exponent -= 1 }
                append(byte, at: index)
            }
            index += 1
        }
        digits = min(digits.lowerBound, index)..<index
        exponent += Self.exponent(bytes, index..<content.upperBound)
    }

    /// The nearest double, ties to even; infinite beyond the largest, 0 below the smallest.
    package func value(in bytes: Span<UInt8>) -> Double {
        guard count > 0 else { return isNegative ? -0.0 : 0 }
        guard let value = Double(shortened(in: bytes)) else {
            preconditionFailure("digits and an exponent must read as a double")
        }
        return value
    }

    /// The number in few enough characters, so that it rounds to the same double.
    func shortened(in bytes: Span<UInt8>) -> String {
        var text: [UInt8] = isNegative ? [UInt8(ascii: "-")] : []
        text.reserveCapacity(min(count, Self.digitLimit) + 24)
        var kept = 0
        for index in digits where bytes[index].isDigit && kept <= Self.digitLimit {
            if kept < Self.digitLimit {
                text.append(bytes[index])
                kept += 1
            } else if bytes[index] != UInt8(ascii: "0") {
                text.append(UInt8(ascii: "1"))
                kept += 1
            }
        }
        text.append(contentsOf: "e\(exponent + count - kept)".utf8)
        return String(decoding: text, as: UTF8.self)
    }

    private mutating func append(_ digit: UInt8, at index: Int) {
        if count == 0 {
            guard digit != UInt8(ascii: "0") else { return }
            digits = index..<digits.upperBound
        }
        count += 1
    }

    /// The number behind the `e`, kept within a thousand million, which no body can make up for.
    private static func exponent(_ bytes: Span<UInt8>, _ part: Range<Int>) -> Int {
        var value = 0
        for index in part where bytes[index].isDigit {
            value = min(value * 10 + Int(bytes[index] - UInt8(ascii: "0")), 1_000_000_000)
        }
        let isNegative = part.count > 1 && bytes[part.lowerBound + 1] == UInt8(ascii: "-")
        return isNegative ? -value : value
    }
}

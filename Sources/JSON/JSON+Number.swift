extension JSON {
    /// The most bytes of a number, its sign included; 17 digits identify every double.
    package static let maximumNumberBytes = 64

    /// Reads a number.
    ///
    /// - Returns: The nearest double if one rounded operation on exact operands yields it: integers
    ///   up to 2^53 and powers of ten up to 10^17 are exact. Otherwise nil; see `double`.
    static func number(_ bytes: Span<UInt8>, _ index: inout Int) throws(JSONFault) -> Double? {
        let start = index
        let isNegative = bytes[index] == UInt8(ascii: "-")
        if isNegative { index += 1 }
        let firstDigit = index
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
        var hasExponent = false
        if index < bytes.count, bytes[index] | 0x20 == UInt8(ascii: "e") {
            hasExponent = true
            index += 1
            let sign = try byte(bytes, index)
            if sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") { index += 1 }
            try digits(bytes, &index, &significand)
        }
        guard index - start <= maximumNumberBytes else { throw JSONFault(.longNumber, at: start) }
        // 19 bytes are at most 19 digits, which fit 64 bits, and at most 17 decimals.
        guard !hasExponent, index - firstDigit <= 19, significand <= 1 << 53 else { return nil }
        let value = Double(significand) / powersOfTen[decimals]
        return isNegative ? -value : value
    }

    /// The nearest double to a number that has been read: ties to even, infinite if too large.
    package static func double(_ number: JSONValue, _ bytes: Span<UInt8>) -> Double {
        if let value = number.number { return value }
        var text = ""
        for index in number.content { text.unicodeScalars.append(Unicode.Scalar(bytes[index])) }
        guard let value = Double(text) else {
            preconditionFailure("a valid JSON number must parse as a double")
        }
        return value
    }

    /// Reads at least one digit, and appends the digits to `number`, modulo 2^64.
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

extension String {
    /// The text as a JSON string, with its quotes.
    package var quotedAsJSON: String {
        // Nearly all keys and values need no escape.
        let isPlain = utf8.allSatisfy { 0x20..<0x7F ~= $0 && $0 != 0x22 && $0 != 0x5C }
        if isPlain { return "\"\(self)\"" }
        var quoted = "\""
        for scalar in unicodeScalars { quoted.append(jsonEscaped: scalar) }
        return quoted + "\""
    }

    /// Appends a scalar as it appears inside a JSON string.
    ///
    /// People read JSON and logs in terminals, so invisible scalars are escaped in addition to
    /// those for which JSON requires an escape.
    package mutating func append(jsonEscaped scalar: Unicode.Scalar) {
        switch scalar {
        case "\"", "\\": self += "\\\(scalar)"
        case "\n": self += "\\n"
        case "\r": self += "\\r"
        case "\t": self += "\\t"
        case _ where scalar.isVisible: unicodeScalars.append(scalar)
        default:
            for unit in scalar.utf16 {
                let digits = String(unit, radix: 16)
                self += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }
        }
    }
}

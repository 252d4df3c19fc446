extension JSON {
    /// `text` as a JSON string, with its quotes; see `UnicodeScalar.jsonEscape`.
    package static func quoted(_ text: String) -> String {
        // Nearly all keys and values need no escape.
        if text.utf8.allSatisfy({ 0x20..<0x7F ~= $0 && $0 != 0x22 && $0 != 0x5C }) {
            return "\"\(text)\""
        }
        var quoted = "\""
        for scalar in text.unicodeScalars { quoted.append(jsonEscaped: scalar) }
        return quoted + "\""
    }

    /// A finite number, in the fewest digits that read back as the same double.
    package static func number(_ value: Double) -> String {
        precondition(value.isFinite, "a number in JSON must be finite")
        return value.description
    }
}

extension String {
    /// Appends a scalar as it appears inside a JSON string.
    ///
    /// People read JSON and logs in terminals, so invisible scalars are escaped in addition to
    /// those for which JSON requires an escape.
    package mutating func append(jsonEscaped scalar: Unicode.Scalar) {
        if scalar.isVisible, scalar != "\"", scalar != "\\" {
            unicodeScalars.append(scalar)
        } else {
            self += scalar.jsonEscape
        }
    }
}

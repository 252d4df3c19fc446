/// Why a body is not JSON as the contract wants it, and at which byte that showed.
package struct JSONFault: Error, Hashable, Sendable {
    /// The rule that was broken, as a phrase for a log line.
    package enum Rule: String, CaseIterable, Sendable {
        case empty = "an empty body"
        case byteOrderMark = "a byte order mark"
        case truncated = "an end before the value is complete"
        case trailingBytes = "bytes after the value"
        case unexpectedByte = "a byte that cannot stand here"
        case invalidUTF8 = "invalid UTF-8"
        case controlCharacter = "a raw control character in a string"
        case invalidEscape = "an unknown escape"
        case loneSurrogate = "a lone surrogate"
        /// Only where a key is read twice; what is not read may repeat.
        case duplicateKey = "a second value for a key"
        case tooDeep = "nesting deeper than 32"
    }

    package var rule: Rule
    /// Bytes from the start of the body to where reading stopped.
    package var offset: Int

    package init(_ rule: Rule, at offset: Int) {
        self.rule = rule
        self.offset = offset
    }
}

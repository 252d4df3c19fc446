/// Why a body was rejected as JSON, and at which byte.
package struct JSONFault: Error, Hashable, Sendable {
    /// The violated rule; the raw value is a phrase for a log line.
    package enum Rule: String, CaseIterable, Sendable {
        case empty = "an empty body"
        case byteOrderMark = "a byte order mark"
        case truncated = "an incomplete value"
        case trailingBytes = "bytes after the value"
        case unexpectedByte = "an unexpected byte"
        case longNumber = "a number longer than 64 bytes"
        case invalidUTF8 = "invalid UTF-8"
        case controlCharacter = "a raw control character in a string"
        case invalidEscape = "an invalid escape"
        case loneSurrogate = "a lone surrogate"
        /// Only for keys that are read; other keys may repeat.
        case duplicateKey = "a duplicate key"
        case tooDeep = "nesting deeper than 32"
    }

    package var rule: Rule
    /// The index of the first invalid byte, or of the start of an invalid sequence.
    package var offset: Int

    package init(_ rule: Rule, at offset: Int) {
        self.rule = rule
        self.offset = offset
    }
}

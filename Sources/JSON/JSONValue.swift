/// The kind and position of a JSON value; callers fetch the content separately, if they need it.
package struct JSONValue: Hashable {
    package var kind: JSONKind
    /// The bytes of the value; for a string, without its quotes.
    package var content: Range<Int>
    /// For a string: whether it is ASCII without escapes and without DEL.
    package var isPlain: Bool
    /// For a number: its value, if one operation yields it; otherwise `JSON.double` computes it.
    package var number: Double?

    package init(
        kind: JSONKind,
        content: Range<Int>,
        isPlain: Bool = false,
        number: Double? = nil
    ) {
        (self.kind, self.content, self.isPlain, self.number) = (kind, content, isPlain, number)
    }
}

/// The kinds of JSON values; the raw value is the phrase in error messages.
package enum JSONKind: String, CaseIterable, Sendable {
    case null
    case boolean = "a boolean"
    case number = "a number"
    case string = "a string"
    case array = "a list"
    case object = "an object"
}

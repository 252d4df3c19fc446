/// What a JSON value is and where it stands; its content is fetched only when asked for.
package struct JSONValue: Hashable {
    package var kind: JSONKind
    /// The bytes of a number, or of a string without its quotes; of others the whole value.
    package var content: Range<Int>
    /// Of a string: whether its bytes are its characters, of ASCII without DEL.
    package var isPlain: Bool
    /// Of a number: what it comes to, if that was seen at once; else `JSONDecimal` says.
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

/// The kinds of JSON value, as a fault names them.
package enum JSONKind: String, CaseIterable, Sendable {
    case null
    case boolean = "a boolean"
    case number = "a number"
    case string = "a string"
    case array = "a list"
    case object = "an object"
}

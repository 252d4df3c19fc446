/// What a JSON value is and where it stands; its content is fetched only when asked for.
struct JSONValue: Hashable {
    var kind: JSONKind
    /// The bytes of a number, or of a string without its quotes; of others the whole value.
    var content: Range<Int>
    /// Of a string: whether its bytes are its characters, of ASCII without DEL.
    var isPlain = false
    /// Of a number: what it comes to, if that was seen at once; else `JSONDecimal` says.
    var number: Double?
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

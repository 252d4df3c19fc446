/// A JSON document as a tree, for programs that read documents with many fields.
///
/// Summaries and settings are read with `JSONWalk` and `Summary`, which check every field.
package indirect enum JSONTree: Sendable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case list([JSONTree])
    /// In the order of the document.
    case object([(key: String, value: JSONTree)])

    /// Reads a whole document.
    package init(_ bytes: [UInt8]) throws(JSONFault) {
        var walk = JSONWalk(bytes)
        self = try Self.value(of: &walk)
        try walk.end()
    }

    private static func value(of walk: inout JSONWalk) throws(JSONFault) -> JSONTree {
        switch try walk.kind() {
        case .null:
            try walk.skip()
            return .null
        case .boolean: return .bool(try walk.boolean())
        case .number: return try walk.number().map(JSONTree.number) ?? .null
        case .string: return .string(try walk.string())
        case .array:
            var items: [JSONTree] = []
            try walk.enter()
            while try walk.nextItem(isFirst: items.isEmpty) { items.append(try value(of: &walk)) }
            return .list(items)
        case .object:
            var members: [(key: String, value: JSONTree)] = []
            try walk.enter()
            while let key = try walk.nextKey(isFirst: members.isEmpty) {
                members.append((key, try value(of: &walk)))
            }
            return .object(members)
        }
    }

    /// The member of an object; null if there is none, or this is not an object.
    package subscript(key: String) -> JSONTree {
        guard case .object(let members) = self else { return .null }
        return members.first { $0.key == key }?.value ?? .null
    }

    package var string: String? { if case .string(let text) = self { text } else { nil } }
    package var number: Double? { if case .number(let number) = self { number } else { nil } }
    package var integer: Int? { number.flatMap(Int.init(exactly:)) }
    package var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    /// The items of a list; empty if this is not a list.
    package var items: [JSONTree] { if case .list(let items) = self { items } else { [] } }

    /// The same value, to write it.
    package var output: JSONOutput {
        switch self {
        case .null: .null
        case .bool(let value): .bool(value)
        case .number(let number): Int(exactly: number).map(JSONOutput.integer) ?? .double(number)
        case .string(let text): .string(text)
        case .list(let items): .list(items.map(\.output))
        case .object(let members): .object(members.map { ($0.key, $0.value.output) })
        }
    }
}

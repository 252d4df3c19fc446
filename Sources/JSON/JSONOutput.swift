/// A JSON value to write.
///
/// Writing cannot fail: unknown values and numbers that are not finite become null. The members of
/// an object are written in the given order.
package enum JSONOutput: Sendable {
    case null
    case bool(Bool)
    case integer(Int)
    case double(Double)
    case string(String)
    case list([JSONOutput])
    case object([(key: String, value: JSONOutput)])

    // A value, or null for nil.
    package static func text(_ value: String?) -> Self { value.map(Self.string) ?? .null }
    package static func number(_ value: Double?) -> Self { value.map(Self.double) ?? .null }
    package static func count(_ value: Int?) -> Self { value.map(Self.integer) ?? .null }

    /// The value as a string, without white space.
    package var text: String { String(decoding: bytes, as: UTF8.self) }

    /// The value as UTF-8, without white space.
    package var bytes: [UInt8] {
        var bytes: [UInt8] = []
        write(to: &bytes)
        return bytes
    }

    private func write(to bytes: inout [UInt8]) {
        switch self {
        case .null: bytes += "null".utf8
        case .bool(let value): bytes += (value ? "true" : "false").utf8
        case .integer(let value): bytes += String(value).utf8
        case .double(let value): bytes += (value.isFinite ? value.description : "null").utf8
        case .string(let value): bytes += value.quotedAsJSON.utf8
        case .list(let values):
            bytes.append(UInt8(ascii: "["))
            for (index, value) in values.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                value.write(to: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let members):
            bytes.append(UInt8(ascii: "{"))
            for (index, member) in members.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                bytes += member.key.quotedAsJSON.utf8
                bytes.append(UInt8(ascii: ":"))
                member.value.write(to: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }
}

extension JSONOutput: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (String, JSONOutput)...) {
        self = .object(elements.map { (key: $0, value: $1) })
    }
}

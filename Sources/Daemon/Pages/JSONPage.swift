import FoundationEssentials
import MicroHTTPServer

/// A value that stands in JSON as itself, or as null.
///
/// `Optional` alone would leave the key out, and whoever reads a page would have to know the keys
/// that are not there.
struct Nullable<Value: Encodable & Sendable>: Encodable, Sendable {
    var value: Value?

    init(_ value: Value?) {
        self.value = value
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if let value { try container.encode(value) } else { try container.encodeNil() }
    }
}

extension Response {
    /// A computed page as JSON, its keys sorted. Every number in it must be finite.
    static func json(encoding page: some Encodable) -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return .json(200, [UInt8](try encoder.encode(page)))
        } catch {
            preconditionFailure("a page is made of finite numbers and strings: \(error)")
        }
    }
}

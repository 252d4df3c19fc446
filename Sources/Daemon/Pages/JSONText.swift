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

/// What is said in JSON.
enum JSONText {
    /// The JSON of `value`, its keys sorted; every number in it must be finite.
    static func bytes(of value: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return [UInt8](try encoder.encode(value))
        } catch {
            preconditionFailure("a page is made of finite numbers and strings: \(error)")
        }
    }
}

extension Response {
    /// A computed page as JSON.
    static func json(encoding page: some Encodable) -> Response {
        .json(200, JSONText.bytes(of: page))
    }
}

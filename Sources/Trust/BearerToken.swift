/// A bearer token; descriptions and dumps of it do not show its text.
package struct BearerToken: Hashable, Sendable {
    /// The text after `Bearer `: 16 to 512 characters of RFC 6750, section 2.1.
    package let text: String

    /// The shortest token that is hard to guess, and the longest that every client can send.
    package static let lengths = 16...512

    init(_ text: String) { self.text = text }

    /// Whether a byte may occur in a token: letters, digits, `-._~+/=`.
    static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: "+"), UInt8(ascii: "/"),
            UInt8(ascii: "="):
            true
        default: false
        }
    }
}

extension BearerToken: CustomStringConvertible, CustomReflectable {
    package var description: String { "a bearer token" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

internal import JSON

/// A piece of HTML in UTF-8, in which only literals are markup.
///
/// An interpolated `String` is escaped, so text from a peer or a client can never become markup.
/// There is no initializer that takes the bytes of a string as markup.
package struct HTML: Sendable, ExpressibleByStringInterpolation {
    package private(set) var bytes: [UInt8]

    package init(stringLiteral literal: StaticString) { bytes = Array(literal.description.utf8) }

    package init(stringInterpolation parts: StringInterpolation) { bytes = parts.bytes }

    /// Several pieces, one after the other.
    init(_ pieces: [HTML]) {
        bytes = []
        bytes.reserveCapacity(pieces.reduce(0) { $0 + $1.bytes.count })
        for piece in pieces { bytes += piece.bytes }
    }

    static func += (left: inout HTML, right: HTML) { left.bytes += right.bytes }

    /// Collects the parts of an interpolated literal.
    package struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var bytes: [UInt8] = []

        package init(literalCapacity: Int, interpolationCount: Int) {
            bytes.reserveCapacity(literalCapacity + 16 * interpolationCount)
        }

        package mutating func appendLiteral(_ literal: StaticString) {
            bytes += literal.description.utf8
        }

        /// Text, also inside a quoted attribute.
        package mutating func appendInterpolation(_ text: String) { bytes.append(escaping: text) }

        /// Text whose direction of writing must not affect the text around it, such as a name.
        package mutating func appendInterpolation(isolated text: String) {
            bytes += "<bdi>".utf8
            bytes.append(escaping: text)
            bytes += "</bdi>".utf8
        }

        package mutating func appendInterpolation(_ number: Int) { bytes += String(number).utf8 }

        package mutating func appendInterpolation(_ html: HTML) { bytes += html.bytes }

        /// Nothing for nil.
        package mutating func appendInterpolation(_ html: HTML?) {
            if let html { bytes += html.bytes }
        }

        package mutating func appendInterpolation(_ pieces: [HTML]) {
            for piece in pieces { bytes += piece.bytes }
        }
    }
}

extension [UInt8] {
    /// Appends text with the five characters of markup as references.
    ///
    /// A scalar that is not visible, such as a direction mark, is written as `\u{202e}`. Line feeds
    /// are kept.
    fileprivate mutating func append(escaping text: String) {
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": self += "&amp;".utf8
            case "<": self += "&lt;".utf8
            case ">": self += "&gt;".utf8
            case "\"": self += "&quot;".utf8
            case "'": self += "&#39;".utf8
            case "\n": append(0x0A)
            case _ where scalar.isASCII && scalar.isVisible: append(UInt8(scalar.value))
            case _ where scalar.isVisible: self += String(scalar).utf8
            default: self += "\\u{\(String(scalar.value, radix: 16))}".utf8
            }
        }
    }
}

internal import JSON

/// The `host:port` of a URL or a listener; the host is a name, an IPv4 address, or an IPv6 address
/// in brackets.
package struct Authority: Hashable, Sendable {
    /// Lower case, without brackets; an IPv6 address in its canonical form.
    package var host: String
    /// nil if there is none.
    package var port: UInt16?

    /// Reads `host`, `host:port`, `[v6]` or `[v6]:port`.
    package init(parsing text: Substring) throws(PeerFault) {
        guard let first = text.utf8.first else { throw .emptyHost }
        guard text.utf8.allSatisfy({ $0 < 0x80 }) else { throw .nonASCII }
        if first == UInt8(ascii: "[") {
            guard let close = text.firstIndex(of: "]"),
                let address = IPv6Address(parsing: text[text.index(after: text.startIndex)..<close])
            else { throw .badBrackets }
            host = address.description
            port = try Self.port(text[text.index(after: close)...])
        } else {
            let colon = text.firstIndex(of: ":") ?? text.endIndex
            // Two colons: an IPv6 address without its brackets.
            if IPv6Address(parsing: text) != nil { throw .badBrackets }
            host = try Self.name(text[..<colon])
            port = try Self.port(text[colon...])
        }
    }

    /// Reads the text after the host: nothing, or a colon and 1 to 5 digits.
    private static func port(_ text: Substring) throws(PeerFault) -> UInt16? {
        if text.isEmpty { return nil }
        let digits = text.dropFirst()
        guard text.first == ":", (1...5).contains(digits.utf8.count),
            digits.utf8.allSatisfy(\.isDigit), let port = UInt16(digits)
        else { throw .badPort }
        return port
    }

    /// Reads a DNS name or an IPv4 address.
    ///
    /// If the last label is a number, the whole name must be a dotted quad: resolvers disagree on
    /// `127.1` and `0x7f.1`.
    private static func name(_ text: Substring) throws(PeerFault) -> String {
        guard !text.isEmpty else { throw .emptyHost }
        let name = text.lowercased()
        let absolute = name.hasSuffix(".") ? name.dropLast() : name[...]
        let labels = absolute.split(separator: ".", omittingEmptySubsequences: false)
        guard absolute.utf8.count <= 253, labels.allSatisfy(isLabel) else { throw .badHost(name) }
        if let last = labels.last?.utf8.first, last.isDigit, labels.last?.isNumber == true {
            guard name == absolute, IPv6Address.quad(absolute) != nil else { throw .badHost(name) }
        }
        return name
    }

    /// Whether the text is 1 to 63 letters, digits, hyphens and underscores.
    private static func isLabel(_ text: Substring) -> Bool {
        (1...63).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                $0.isLetter || $0.isDigit || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
            }
    }
}

extension Substring {
    /// Whether inet_aton(3) would read it as a number: decimal, or hexadecimal after `0x`.
    fileprivate var isNumber: Bool {
        utf8.allSatisfy(\.isDigit)
            || (hasPrefix("0x") && dropFirst(2).utf8.allSatisfy(\.isHexDigit))
    }
}

/// A name that a client certificate may have (its subject alternative names).
package enum ClientName: Hashable, Sendable {
    /// Exactly this DNS name, in lower case.
    case host(String)
    /// One label followed by this, which begins with a dot: `*.example` is `.example`.
    case subdomain(String)
    /// An IPv4 address of 4 bytes, or an IPv6 address of 16.
    case address([UInt8])
    /// Exactly this URI.
    case uri(String)

    /// The longest name that is compared.
    package static let maximumBytes = 1_024

    /// The syntax that the initializer accepts.
    package static let allowed =
        "DNS names (n1.example, or *.example for one label), IP addresses, URIs; comma-separated"

    /// Parses a name without blanks around it; nil if it is invalid.
    package init?(_ text: String) {
        guard !text.isEmpty, text.utf8.count <= Self.maximumBytes,
            text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ",") })
        else { return nil }
        if let bytes = addressBytes(text) {
            self = .address(bytes)
        } else if let colon = text.firstIndex(of: ":") {
            let scheme = text[..<colon]
            // Text with `::` is an invalid IPv6 address, not a URI.
            guard scheme.first?.isLetter == true, text.index(after: colon) < text.endIndex,
                !text.contains("::"),
                scheme.allSatisfy({ $0.isLetter || $0.isNumber || "+-.".contains($0) })
            else { return nil }
            self = .uri(text)
        } else if text.hasPrefix("*.") {
            let suffix = text.dropFirst().lowercased()
            guard Self.isHost(suffix.dropFirst()) else { return nil }
            self = .subdomain(suffix)
        } else {
            let name = text.lowercased()
            guard Self.isHost(name[...]) else { return nil }
            self = .host(name)
        }
    }

    /// Whether a name of a certificate is this one.
    package func matches(_ name: CertificateName) -> Bool {
        switch (self, name) {
        case (.host(let host), .host(let found)): return found.lowercased() == host
        case (.subdomain(let suffix), .host(let found)):
            let found = found.lowercased()
            guard found.hasSuffix(suffix) else { return false }
            return Self.isLabel(found.dropLast(suffix.count))
        case (.address(let bytes), .address(let found)): return bytes == found
        case (.uri(let uri), .uri(let found)): return Array(uri.utf8) == Array(found.utf8)
        default: return false
        }
    }

    private static func isHost(_ text: Substring) -> Bool {
        text.utf8.count <= 253
            && text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy(isLabel)
    }

    /// Whether a text is one label: not empty, without a wildcard.
    private static func isLabel(_ text: Substring) -> Bool {
        (1...63).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }
}

extension ClientName: CustomStringConvertible {
    /// The syntax of the setting.
    package var description: String {
        switch self {
        case .host(let name), .uri(let name): name
        case .subdomain(let suffix): "*" + suffix
        case .address(let bytes): addressText(bytes)
        }
    }
}

/// A subject alternative name of a certificate.
package enum CertificateName: Hashable, Sendable {
    case host(String)
    case address([UInt8])
    case uri(String)
}

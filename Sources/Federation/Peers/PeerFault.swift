/// Why a text is not a peer.
package enum PeerFault: Error, Hashable, CustomStringConvertible, Sendable {
    case empty
    /// Longer than `Peer.maximumBytes`.
    case tooLong
    case blank
    case controlCharacter
    case nonASCII
    /// Not 1 to 64 of `[A-Za-z0-9._-]`, or `.` or `..`.
    case badName(String)
    /// No `://`; the suggestion is the item with the probable scheme.
    case missingScheme(suggestion: String)
    case unsupportedScheme(String)
    case userInfo
    case query
    case fragment
    case emptyHost
    case badHost(String)
    case badBrackets
    case badPort
    case badPath

    /// Whether the cause may be a part of user information.
    var mayBeUserInfo: Bool {
        switch self {
        case .badName, .missingScheme, .unsupportedScheme, .badHost, .badPort: true
        case .empty, .tooLong, .blank, .controlCharacter, .nonASCII, .userInfo, .query, .fragment,
            .emptyHost, .badBrackets, .badPath:
            false
        }
    }

    /// The fault and what is allowed, as the end of a sentence about the item.
    package var description: String {
        switch self {
        case .empty: "is empty; allowed: URL or name=URL"
        case .tooLong: "is too long; allowed: at most \(Peer.maximumBytes) bytes"
        case .blank: "contains a blank"
        case .controlCharacter: "contains a control character"
        case .nonASCII: "is not ASCII; write an international name in its xn-- form"
        case .badName(let name): "has the name '\(name)'; allowed: \(Peer.allowedNames)"
        case .missingScheme(let suggestion): "has no scheme; did you mean \(suggestion)?"
        case .unsupportedScheme(let scheme): "has the scheme '\(scheme)'; allowed: http, https"
        case .userInfo: "contains user information before an @; remove it: a summary needs no login"
        case .query: "has a query; allowed: scheme, host, port, path"
        case .fragment: "has a fragment; allowed: scheme, host, port, path"
        case .emptyHost: "has no host; allowed: http://host:port"
        case .badHost(let host): "has the host '\(host)'; allowed: a DNS name or an IP address"
        case .badBrackets: "has no IPv6 address in its brackets; allowed: as in http://[::1]:8100"
        // What follows the colon may be a password.
        case .badPort: "has an invalid port; use 1 to 65535"
        case .badPath:
            "has an invalid path; allowed: characters of a URL, %XX escapes, no . or .. segments"
        }
    }
}

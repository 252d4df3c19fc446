/// A configured peer: its URL and its label.
///
/// The URL is stored in normalized parts, so peers are equal exactly if they have the same URL and
/// label. `Peer+Parsing.swift` parses what operators write.
package struct Peer: Hashable, Sendable {
    /// A small number that identifies a configured peer; reused after the peer is removed.
    package typealias Index = Int

    /// The metric label: the configured name, or `host:port/prefix` with an explicit port.
    package var label: String
    package var scheme: Scheme
    /// Lower case, without brackets; an IPv6 address in its canonical form.
    package var host: String
    package var port: UInt16
    /// Empty, or a path with a leading and without a trailing slash.
    package var pathPrefix: String

    /// Creates a peer from normalized parts.
    package init(label: String, scheme: Scheme, host: String, port: UInt16, pathPrefix: String) {
        self.label = label
        self.scheme = scheme
        self.host = host
        self.port = port
        self.pathPrefix = pathPrefix
    }

    package enum Scheme: String, CaseIterable, Sendable {
        case http
        case https

        /// The port of a URL without one.
        package var defaultPort: UInt16 { self == .https ? 443 : 80 }
    }
}

extension Peer {
    /// The path of the summary below the base URL of every node.
    package static let summaryPath = "/federation/sync/summary"

    /// The normalized base URL: lower-case scheme and host, explicit port, no trailing slash.
    package var url: String { scheme.rawValue + "://" + place }

    /// The host if it is a name that must be resolved; nil for an address.
    package var hostName: String? {
        host.contains(":") || IPv6Address.quad(host[...]) != nil ? nil : host
    }

    /// The URL of the summary.
    package var summaryURL: String { url + Self.summaryPath }

    /// `host:port/prefix`, with brackets around an IPv6 address; the default label.
    package var place: String {
        let written = host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]" : host
        return written + ":" + String(port) + pathPrefix
    }
}

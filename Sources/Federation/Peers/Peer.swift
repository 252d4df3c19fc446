/// A configured peer: where it is and what we call it.
///
/// The URL is kept in its parts, normalised, so that two peers are equal exactly if they name the
/// same place. `Peer+Parsing.swift` makes one from what an operator wrote.
package struct Peer: Hashable, Sendable {
    /// A stable small number for a peer while it is configured: an index, reused after a removal.
    package typealias Index = Int

    /// The label of its metrics: the configured name, or `host:port/prefix` with the port explicit.
    package var label: String
    package var scheme: Scheme
    /// Lower case and without brackets; an IPv6 address in its canonical form.
    package var host: String
    package var port: UInt16
    /// Empty, or a path that starts with a slash and does not end with one.
    package var pathPrefix: String

    /// A peer of parts that are normalised already.
    package init(label: String, scheme: Scheme, host: String, port: UInt16, pathPrefix: String) {
        self.label = label
        self.scheme = scheme
        self.host = host
        self.port = port
        self.pathPrefix = pathPrefix
    }

    /// The two ways to reach a peer.
    package enum Scheme: String, CaseIterable, Sendable {
        case http
        case https

        /// The port of a URL that names none.
        package var defaultPort: UInt16 { self == .https ? 443 : 80 }
    }
}

extension Peer {
    /// Where every node serves its summary, below its base URL.
    package static let summaryPath = "/federation/sync/summary"

    /// Its base URL, normalised: lower-case scheme and host, explicit port, no trailing slash.
    package var url: String { "\(scheme.rawValue)://\(place)" }

    /// Its host if that is a name, which has to be looked up; nil if it is an address.
    package var hostName: String? {
        host.contains(":") || IPv6Address.quad(host[...]) != nil ? nil : host
    }

    /// What is pulled.
    package var summaryURL: String { url + Self.summaryPath }

    /// `host:port/prefix`, an IPv6 host in brackets: the label of a peer without a name.
    package var place: String {
        let written = host.contains(":") ? "[\(host)]" : host
        return "\(written):\(port)\(pathPrefix)"
    }
}

internal import Federation
package import JSON

/// The page at `/federation/sd`: where Prometheus finds this node and its peers (HTTP SD).
///
/// A node must be the same target whichever node is asked, or Prometheus scrapes it twice. So a
/// target is derived from its URL alone, and this node's own name for it is in a label that
/// relabelling removes.
package struct TargetsPage {
    let status: NodeStatus
    /// The host and port that the client used; no other client gets them.
    let host: String?
    /// The address and port at which the client reached this node.
    let reachedAt: String?

    package init(status: NodeStatus, host: String?, reachedAt: String? = nil) {
        (self.status, self.host, self.reachedAt) = (status, host, reachedAt)
    }

    package var json: JSONOutput {
        let others = status.report.peers.filter { $0.state != .itself }.map(\.peer)
        var places: Set<String> = []
        // By place, because that is what is scraped; `http` and `https` of one place are the same.
        let nodes = (others + [own].compactMap(\.self))
            .filter { places.insert($0.place).inserted }
            .sorted { $0.place < $1.place }
        return .list(nodes.map(Self.target))
    }

    /// This node: the peer that was identified as it, or else the address that the client reached.
    ///
    /// Of several such peers it is the one that the client reached.
    private var own: Peer? {
        let asked = host.flatMap(Self.node) ?? reachedAt.flatMap(Self.node)
        let claimants = status.report.peers.filter { $0.state == .itself }.map(\.peer)
        return claimants.first { $0.place == asked?.place } ?? claimants.first ?? asked
    }

    /// The node at a host and port, by plain HTTP; nil if a peer could not be configured so.
    private static func node(at address: String) -> Peer? {
        // The kind of fault does not matter: the client wrote the text.
        guard let authority = try? Authority(parsing: address[...]), authority.port != 0
        else { return nil }
        var peer = Peer(
            label: "",
            scheme: .http,
            host: authority.host,
            port: authority.port ?? Peer.Scheme.http.defaultPort,
            pathPrefix: ""
        )
        peer.label = peer.place
        return peer
    }

    private static func target(_ peer: Peer) -> JSONOutput {
        let address = peer.place.dropLast(peer.pathPrefix.count)
        return [
            "targets": .list([.string(String(address))]),
            "labels": [
                "instance": .string(peer.place),
                "__scheme__": .string(peer.scheme.rawValue),
                "__metrics_path__": .string(peer.pathPrefix.unescaped + "/metrics"),
                "__meta_nova_federation_peer": .string(peer.label),
            ],
        ]
    }
}

extension String {
    /// The path without percent-encoding, because Prometheus encodes it again.
    fileprivate var unescaped: String {
        var bytes: [UInt8] = []
        var rest = utf8[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(2)
            let escaped = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
            guard byte == UInt8(ascii: "%"), let escaped else {
                bytes.append(byte)
                continue
            }
            bytes.append(escaped)
            rest = rest.dropFirst(2)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

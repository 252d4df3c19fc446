internal import Federation
package import JSON
internal import Settings

extension NodeStatus {
    /// The page at `/federation/sd`: where Prometheus finds this node and its peers (HTTP SD).
    ///
    /// A target depends only on its node's URL, because Prometheus scrapes a node twice if two
    /// nodes describe it differently. Our name for it is in a label that relabelling removes.
    ///
    /// `host` is the host and port that the client used; no other client may get them. `reachedAt`
    /// is the address and port at which the client reached this node.
    package func targetsPage(host: String?, reachedAt: String? = nil) -> JSONOutput {
        // This node is the peer that was identified as it, or else the address that the client
        // used. If several peers were, it is the one that the client used.
        let asked = host.flatMap(node) ?? reachedAt.flatMap(node)
        let claimants = report.peers.filter { $0.state == .itself }.map(\.peer)
        let own = claimants.first { $0.place == asked?.place } ?? claimants.first ?? asked
        let others = report.peers.filter { $0.state != .itself }.map(\.peer)
        // By place, because that is what is scraped: `http` and `https` of one place are one node.
        var places: Set<String> = []
        let nodes = (others + [own].compactMap(\.self))
            .filter { places.insert($0.place).inserted }
            .sorted { $0.place < $1.place }
        return .list(nodes.map(\.target))
    }

    /// A node at a host and port with the scheme of this one; nil if the address is invalid for a
    /// peer.
    private func node(at address: String) -> Peer? {
        let scheme: Peer.Scheme = settings.isTLS ? .https : .http
        // The kind of fault does not matter, because the client chose the text.
        guard let authority = try? Authority(parsing: address[...]), authority.port != 0
        else { return nil }
        var peer = Peer(
            label: "",
            scheme: scheme,
            host: authority.host,
            port: authority.port ?? scheme.defaultPort,
            pathPrefix: ""
        )
        peer.label = peer.place
        return peer
    }
}

extension Peer {
    fileprivate var target: JSONOutput {
        [
            "targets": .list([.string(String(place.dropLast(pathPrefix.count)))]),
            "labels": [
                "instance": .string(place),
                "__scheme__": .string(scheme.rawValue),
                // Prometheus encodes it again.
                "__metrics_path__": .string(pathPrefix.unescaped + "/metrics"),
                "__meta_nova_federation_peer": .string(label),
            ],
        ]
    }
}

extension String {
    /// The path of a URL without percent-encoding; bytes that are not UTF-8 are replaced.
    package var unescaped: String {
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

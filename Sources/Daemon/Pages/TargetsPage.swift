import Federation

/// The page at `/federation/sd`: where Prometheus finds this node and its peers (HTTP SD).
///
/// Whichever node is asked, a node has to come out as one and the same target, or Prometheus
/// scrapes it twice. So a target is made of nothing but its URL, and what this node alone calls it
/// stands in a label that is gone after relabelling.
struct TargetsPage {
    let status: NodeStatus
    /// The `Host` header of whoever asks; it is answered to nobody else.
    let host: String?

    var json: JSONOutput {
        let others = status.report.peers.filter { $0.state != .itself }.map(\.peer)
        var places: Set<String> = []
        // By place, for that is what is scraped; `http` and `https` of one place are one.
        let nodes = (others + [own].compactMap(\.self))
            .filter { places.insert($0.place).inserted }
            .sorted { $0.place < $1.place }
        return .list(nodes.map(Self.target))
    }

    /// This node: the peer that turned out to be it, or else where the client reached it.
    ///
    /// Of several peers that say they are this node, the one that the client reached is.
    private var own: Peer? {
        let asked = asked
        let claimants = status.report.peers.filter { $0.state == .itself }.map(\.peer)
        return claimants.first { $0.place == asked?.place } ?? claimants.first ?? asked
    }

    /// The address by which the client asks, if it is one.
    private var asked: Peer? {
        // Which fault it is matters to nobody: such a client finds the peers alone.
        guard let host, let authority = try? Authority(parsing: host[...]), authority.port != 0
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
                "__metrics_path__": .string(peer.pathPrefix.unescaped + Route.metrics.rawValue),
                "__meta_nova_federation_peer": .string(peer.label),
            ],
        ]
    }
}

extension String {
    /// The text of a path whose escapes are complete, since Prometheus escapes it again.
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

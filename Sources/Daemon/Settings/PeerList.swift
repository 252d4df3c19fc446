import Federation

/// An item of a list of peers, and where it stands.
struct PeerItem: Hashable, Sendable {
    var text: String
    /// The setting that it belongs to: NOVA_FED_PEERS or NOVA_FED_PEERS_FILE.
    var key: String
    var origin: ValueOrigin
}

/// The union of the peers of all sources, in their order, each place and each label once.
struct PeerList: Sendable {
    /// The most peers that one node pulls.
    static let maximumPeers = 100_000

    private(set) var peers: [Peer] = []
    private(set) var faults = SettingFaults()
    private var origins: [ValueOrigin] = []
    private var indexOfLabel: [String: Int] = [:]
    private var indexOfURL: [String: Int] = [:]

    init(_ items: [PeerItem]) {
        for item in items {
            guard peers.count < Self.maximumPeers else {
                let reason = "more than \(Self.maximumPeers) peers"
                faults.report(SettingFault(key: item.key, reason: reason, origin: item.origin))
                return
            }
            add(item)
        }
    }

    /// The items of a comma-separated list; blanks around them and empty ones are dropped.
    static func items(of list: String, origin: ValueOrigin) -> [PeerItem] {
        list.split(separator: ",").map(\.trimmingBlanks).filter { !$0.isEmpty }
            .map { PeerItem(text: String($0), key: "NOVA_FED_PEERS", origin: origin) }
    }

    private mutating func add(_ item: PeerItem) {
        do throws(PeerFault) {
            let peer = try Peer(parsing: item.text)
            if let index = indexOfURL[peer.url] {
                report(item, "has the URL of \(known(index))")
            } else if let index = indexOfLabel[peer.label] {
                report(item, "has the label of \(known(index))")
            } else {
                indexOfURL[peer.url] = peers.count
                indexOfLabel[peer.label] = peers.count
                peers.append(peer)
                origins.append(item.origin)
            }
        } catch {
            report(item, error.description)
        }
    }

    private mutating func report(_ item: PeerItem, _ reason: String) {
        faults.report(
            SettingFault(key: item.key, value: item.text, reason: reason, origin: item.origin)
        )
    }

    /// A peer that is in the list, for a fault that names it.
    private func known(_ index: Int) -> String {
        let peer = peers[index]
        return "\(peer.label) (\(peer.url), \(origins[index]))"
    }
}

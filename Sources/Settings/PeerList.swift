internal import Federation

/// An item of a list of peers, and where it stands.
struct PeerItem: Hashable, Sendable {
    var text: String
    /// The setting that it belongs to: NOVA_FED_PEERS or NOVA_FED_PEERS_FILE.
    var key: String
    var origin: ValueOrigin
}

/// The union of the peers of all sources, in their order, each place and each label once.
///
/// An entry that repeats another, name and all, is dropped with a warning. One URL under two names,
/// and one name for two URLs, are faults: which is meant cannot be known.
struct PeerList: Sendable {
    /// The most peers that one node pulls.
    static let maximumPeers = 100_000
    /// The most repeated entries that are named, each in a warning; the rest is counted.
    static let maximumRepeated = 20

    private(set) var peers: [Peer] = []
    private(set) var faults = SettingFaults()
    private var repeated: [String] = []
    private var repeatedCount = 0
    private var origins: [ValueOrigin] = []
    private var indexOfLabel: [String: Int] = [:]
    private var indexOfURL: [String: Int] = [:]

    init(_ items: [PeerItem]) {
        for item in items {
            guard add(item) else {
                let reason = "too many peers; allowed: at most \(Self.maximumPeers)"
                faults.report(SettingFault(key: item.key, reason: reason, origin: item.origin))
                return
            }
        }
    }

    /// What was dropped.
    var warnings: [String] {
        let others = repeatedCount - repeated.count
        return repeated + (others > 0 ? ["\(others) more entries repeat a peer"] : [])
    }

    /// The items of a comma-separated list; blanks around them and empty ones are dropped.
    static func items(of list: String, origin: ValueOrigin) -> [PeerItem] {
        list.split(separator: ",").map(\.trimmingBlanks).filter { !$0.isEmpty }
            .map { PeerItem(text: String($0), key: "NOVA_FED_PEERS", origin: origin) }
    }

    /// Adds the peer of an item, or reports why not; false if the list is full.
    private mutating func add(_ item: PeerItem) -> Bool {
        do throws(PeerFault) {
            let peer = try Peer(parsing: item.text)
            if let index = indexOfURL[peer.url] {
                if peers[index] == peer {
                    note(item, repeats: index)
                } else {
                    report(item, "has the same URL as \(known(index)); remove one of them")
                }
            } else if let index = indexOfLabel[peer.label] {
                report(item, "has the same name as \(known(index)); give each a name of its own")
            } else if peers.count < Self.maximumPeers {
                indexOfURL[peer.url] = peers.count
                indexOfLabel[peer.label] = peers.count
                peers.append(peer)
                origins.append(item.origin)
            } else {
                return false
            }
        } catch {
            report(item, error.description)
        }
        return true
    }

    private mutating func note(_ item: PeerItem, repeats index: Int) {
        repeatedCount += 1
        guard repeated.count < Self.maximumRepeated else { return }
        let text = SettingFault.shown(item.text)
        repeated.append(
            "\(item.origin): \(item.key)='\(text)' repeats \(known(index)); it is pulled once"
        )
    }

    private mutating func report(_ item: PeerItem, _ reason: String) {
        faults.report(
            SettingFault(key: item.key, value: item.text, reason: reason, origin: item.origin)
        )
    }

    /// A peer that is in the list, for a fault that names it.
    private func known(_ index: Int) -> String {
        let peer = peers[index]
        return "peer '\(peer.label)' (\(peer.url), \(origins[index]))"
    }
}

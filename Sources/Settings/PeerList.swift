internal import Federation

/// An entry of a list of peers, and its origin.
struct PeerItem: Hashable, Sendable {
    var text: String
    /// NOVA_FED_PEERS or NOVA_FED_PEERS_FILE.
    var key: String
    var origin: ValueOrigin
}

/// The peers of NOVA_FED_PEERS and of the peers file, in order, without duplicates.
///
/// An entry that repeats URL and name of another is dropped with a warning. One URL with two names,
/// or one name for two URLs, is a fault, because the intention is unclear.
struct PeerList: Sendable {
    /// The maximum number of peers of a node.
    static let maximumPeers = 100_000
    /// The maximum number of warnings about repeated entries; further ones are counted.
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
                faults.report(item.key, nil, reason, item.origin)
                return
            }
        }
    }

    /// One warning per dropped entry, up to `maximumRepeated`.
    var warnings: [String] {
        let others = repeatedCount - repeated.count
        return repeated + (others > 0 ? ["\(others) more entries repeat a peer"] : [])
    }

    /// Splits a comma-separated list; drops empty items and surrounding blanks.
    ///
    /// A part with an `@` or `%40` and without a scheme may be the end of a password that contains
    /// commas. It forms one invalid item with the parts before it, from the last scheme on.
    static func items(of list: String, origin: ValueOrigin) -> [PeerItem] {
        var texts: [String] = []
        var tail: [Substring] = []
        let parts = list.split(separator: ",").map(\.trimmingBlanks).filter { !$0.isEmpty }
        for (index, part) in parts.enumerated().reversed() {
            tail.append(part)
            let mayContinue = tail.count > 1 || part.containsAtSign
            guard index == 0 || !mayContinue || part.contains("://") else { continue }
            texts.append(tail.reversed().joined(separator: ","))
            tail = []
        }
        return texts.reversed()
            .map { PeerItem(text: $0, key: "NOVA_FED_PEERS", origin: origin) }
    }

    /// Adds the peer of an item, or reports a fault; returns false if the list is full.
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
        repeated.append(
            "\(item.origin): \(item.key)='\(item.text.shown)' repeats \(known(index)); "
                + "it is pulled once"
        )
    }

    private mutating func report(_ item: PeerItem, _ reason: String) {
        faults.report(item.key, item.text, reason, item.origin)
    }

    /// Describes a listed peer in a fault or a warning.
    private func known(_ index: Int) -> String {
        let peer = peers[index]
        return "peer '\(peer.label)' (\(peer.url), \(origins[index]))"
    }
}

internal import Federation

/// The peers in force that a reload would remove or change.
struct PeersGone {
    /// The peers after the reload.
    let after: [Peer]
    /// Peers in force whose URL is not listed any more.
    let removed: [Peer]
    /// Peers in force that are removed or renamed.
    let changed: [Peer]

    init(from before: [Peer], to after: [Peer]) {
        self.after = after
        let urls = Set(after.map(\.url))
        removed = before.filter { !urls.contains($0.url) }
        let labels = Dictionary(after.map { ($0.url, $0.label) }) { first, _ in first }
        changed = before.filter { labels[$0.url] != $0.label }
    }

    var removesAll: Bool { after.isEmpty && !removed.isEmpty }
}

// A full disk, a killed editor or a template without results leaves files that are valid and list
// too few peers. What looks like that is refused at a reload, and the peers in force stay.
extension SettingsLoading {
    /// Refuses a peers file that looks cut off, if that would remove or change peers in force.
    mutating func expectWhole(_ read: PeersFile, _ file: Given, _ change: PeersGone) {
        var reason: String?
        if read.isVoid {
            if change.removed.isEmpty {
                result.warnings.append("\(file.text): lists no peers; write [] if that is intended")
            } else {
                reason =
                    "lists no peers, which would remove \(change.removed.count) peers; "
                    + "write [] if that is intended"
            }
        } else if let whole = read.peerCutOff(of: change.removed) {
            reason = Self.cutOff(whole)
        } else if read.isUnfinishedYAML, !change.changed.isEmpty {
            reason =
                "ends without a line feed, as a file that was cut off does, and would remove or "
                + "rename \(change.changed.count) peers; end the last line if it is complete"
        }
        guard let reason else { return }
        faults.report(fault(PeersFile.key, nil, reason, .file(file.text, line: 0)))
    }

    /// Refuses a settings file that ends in the middle of a peer in force.
    mutating func expectWholeSettings(_ change: PeersGone) {
        guard let (path, contents) = file, !contents.endsWithLineFeed,
            let entry = contents.entries.last, entry.key == "NOVA_FED_PEERS",
            let last = PeerList.items(of: entry.value, origin: .file(path, line: entry.line)).last,
            let whole = PeersFile.peer(cutOffTo: last.text, of: change.removed)
        else { return }
        faults.report(fault(entry.key, nil, Self.cutOff(whole), last.origin))
    }

    /// Refuses a reload that would remove all peers, unless the files state that there are none.
    mutating func expectStated(_ change: PeersGone, _ read: PeersFile?) {
        let isOff = !result.settings.isSyncEnabled && given["NOVA_FED_SYNC_ENABLED"] != nil
        let isFederationOff =
            !result.settings.isFederationEnabled && given["FEDERATION_ENABLED"] != nil
        let isBlank =
            file?.contents.entries
            .contains {
                ["NOVA_FED_PEERS", PeersFile.key].contains($0.key) && $0.value.isEmpty
            } ?? false
        guard change.removesAll, read?.statesNone != true, !isOff, !isFederationOff, !isBlank
        else { return }
        let reason =
            "no peers are set, which would remove all \(change.removed.count) peers; "
            + "write NOVA_FED_PEERS= or NOVA_FED_SYNC_ENABLED=0 if that is intended"
        faults.report(
            fault("NOVA_FED_PEERS", nil, reason, file.map { .file($0.path, line: 0) } ?? .standard)
        )
    }

    /// Warns of peers that change from https to http: a file may have lost the label that says so.
    mutating func warnOfPlainText(_ change: PeersGone) {
        let plain = Set(change.after.lazy.filter { $0.scheme == .http }.map(\.place))
        let exposed = change.removed.filter { $0.scheme == .https && plain.contains($0.place) }
        guard let first = exposed.first else { return }
        result.warnings.append(
            "\(exposed.count) peers change from https to http, among them \(first.url)"
        )
    }

    private static func cutOff(_ whole: Peer) -> String {
        "ends without a line feed, and its last line may be a truncated \(whole.url); complete the "
            + "line, or end it"
    }
}

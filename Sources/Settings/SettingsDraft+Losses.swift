internal import Federation

/// The running peers that a reload would remove or rename.
struct PeerLosses {
    /// The peers after the reload.
    let after: [Peer]
    /// Running peers whose URL is no longer listed.
    let removed: [Peer]
    /// Running peers that are removed or renamed.
    let changed: [Peer]

    init(from before: [Peer], to after: [Peer]) {
        self.after = after
        let labels = Dictionary(after.map { ($0.url, $0.label) }) { first, _ in first }
        removed = before.filter { labels[$0.url] == nil }
        changed = before.filter { labels[$0.url] != $0.label }
    }
}

// A full disk, a killed editor or a template without results leaves valid files with too few peers.
// A reload refuses files that look like that, and keeps the running peers.
extension SettingsDraft {
    /// Refuses a peers file that looks truncated, if it would remove or rename running peers.
    mutating func refuseTruncated(_ file: PeersFile, _ losses: PeerLosses) {
        let reason: String
        if file.isVoid {
            guard !losses.removed.isEmpty else {
                loaded.warnings.append("\(file.path): lists no peers; write [] if that is intended")
                return
            }
            reason =
                "lists no peers, which would remove \(losses.removed.count) peers; "
                + "write [] if that is intended"
        } else if let whole = file.truncatedPeer(of: losses.removed) {
            reason = Self.truncated(whole)
        } else if file.isUnfinishedYAML, !losses.changed.isEmpty {
            reason =
                "ends without a line feed, as a truncated file does, and would remove or rename "
                + "\(losses.changed.count) peers; end the last line if it is complete"
        } else {
            return
        }
        faults.report(PeersFile.key, nil, reason, .file(file.path, line: 0))
    }

    /// Refuses a settings file that ends in the middle of a running peer's URL.
    mutating func refuseTruncatedSettings(_ losses: PeerLosses) {
        guard let (path, contents) = given.file, !contents.endsWithLineFeed,
            let entry = contents.entries.last, entry.key == "NOVA_FED_PEERS",
            let last = PeerList.items(of: entry.value, origin: .file(path, line: entry.line)).last,
            let whole = PeersFile.peer(truncatedTo: last.text, of: losses.removed)
        else { return }
        faults.report(entry.key, nil, Self.truncated(whole), last.origin)
    }

    /// Refuses to remove all peers, unless a file states that there are none.
    mutating func refuseRemovalOfAll(_ losses: PeerLosses, _ file: PeersFile?) {
        let isOff = !loaded.settings.isSyncEnabled && given["NOVA_FED_SYNC_ENABLED"] != nil
        let isFederationOff =
            !loaded.settings.isFederationEnabled && given["FEDERATION_ENABLED"] != nil
        let entries = given.file?.contents.entries ?? []
        let isBlank = entries.contains {
            ["NOVA_FED_PEERS", PeersFile.key].contains($0.key) && $0.value.isEmpty
        }
        guard losses.after.isEmpty, !losses.removed.isEmpty, file?.statesNoPeers != true, !isOff,
            !isFederationOff, !isBlank
        else { return }
        let reason =
            "no peers are set, which would remove all \(losses.removed.count) peers; "
            + "write NOVA_FED_PEERS= or NOVA_FED_SYNC_ENABLED=0 if that is intended"
        let origin = given.file.map { ValueOrigin.file($0.path, line: 0) } ?? .standard
        faults.report("NOVA_FED_PEERS", nil, reason, origin)
    }

    /// Warns if peers change from https to http, because a file may have lost its `__scheme__`.
    mutating func warnOfPlainText(_ losses: PeerLosses) {
        let plain = Set(losses.after.lazy.filter { $0.scheme == .http }.map(\.place))
        let exposed = losses.removed.filter { $0.scheme == .https && plain.contains($0.place) }
        guard let first = exposed.first else { return }
        loaded.warnings.append(
            "\(exposed.count) peers change from https to http, including \(first.url)"
        )
    }

    private static func truncated(_ whole: Peer) -> String {
        "ends without a line feed, and its last line may be a truncated \(whole.url); complete the "
            + "line, or end it"
    }
}

package import Federation
package import JSON

extension LoadedSettings {
    /// The page at `/federation/settings`: the settings in force; contracts/http.md describes it.
    package var page: JSONOutput {
        [
            "version": .string(ProductVersion.current),
            "file_limit": .integer(settings.fileLimit),
            "settings": .list(
                SettingsTable.all.map { setting in
                    [
                        "key": .string(setting.key),
                        "value": .string(setting.show(settings)),
                        "origin": .string((origins[setting.key] ?? .standard).description),
                    ]
                }
            ),
            "peers": .list(
                settings.peers.map { ["name": .string($0.label), "url": .string($0.url)] }
            ),
            "pending_restart": .list(pendingRestart.map(JSONOutput.string)),
        ]
    }
}

/// What differs between these settings and those of a running node.
package struct SettingsDifference: Sendable {
    package struct Change: Sendable {
        package var key: String
        package var from: String
        package var to: String
        package var needsRestart: Bool
    }

    package var changes: [Change] = []
    package var added: [Peer] = []
    /// Names of the running node.
    package var removed: [String] = []
    package var renamed: [(from: String, to: String)] = []

    /// `page` is what the node has at `/federation/settings`.
    package init(from page: JSONTree, to loaded: LoadedSettings) {
        let running = page["settings"].items
            .compactMap { row in
                row["key"].string.map { ($0, row["value"].string ?? "") }
            }
        let values = Dictionary(running) { first, _ in first }
        for setting in SettingsTable.all where !Self.listsPeers(setting.key) {
            let new = setting.show(loaded.settings)
            guard let old = values[setting.key], old != new else { continue }
            changes.append(
                Change(key: setting.key, from: old, to: new, needsRestart: setting.restart)
            )
        }
        var names: [String: String] = [:]
        for peer in page["peers"].items {
            if let name = peer["name"].string, let url = peer["url"].string { names[url] = name }
        }
        for peer in loaded.settings.peers {
            guard let name = names.removeValue(forKey: peer.url) else {
                added.append(peer)
                continue
            }
            if name != peer.label { renamed.append((name, peer.label)) }
        }
        removed = names.values.sorted()
    }

    /// The peers are compared one by one.
    private static func listsPeers(_ key: String) -> Bool { key == "NOVA_FED_PEERS" }

    package var needsRestart: Bool { changes.contains(where: \.needsRestart) }

    package var isEmpty: Bool {
        changes.isEmpty && added.isEmpty && removed.isEmpty && renamed.isEmpty
    }

    package var json: JSONOutput {
        [
            "changes": .list(
                changes.map { change in
                    [
                        "key": .string(change.key),
                        "from": .string(change.from),
                        "to": .string(change.to),
                        "applies": .string(change.needsRestart ? "restart" : "reload"),
                    ]
                }
            ),
            "added": .list(added.map { ["name": .string($0.label), "url": .string($0.url)] }),
            "removed": .list(removed.map(JSONOutput.string)),
            "renamed": .list(renamed.map { ["from": .string($0), "to": .string($1)] }),
        ]
    }

    /// One line for each difference.
    package var text: String {
        var lines = changes.map { change in
            "\(change.key): \(change.from) -> \(change.to) "
                + (change.needsRestart ? "(needs a restart)" : "(by a reload)")
        }
        lines += added.map { "peer added: \($0.label) \($0.url)" }
        lines += removed.map { "peer removed: \($0)" }
        lines += renamed.map { "peer renamed: \($0) -> \($1)" }
        return lines.isEmpty
            ? "no difference" : lines.map(\.visible).joined(separator: "\n")
    }
}

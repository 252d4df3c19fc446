internal import Federation

/// The one list of settings: help texts, docs/settings.md and the reading itself follow it.
package enum SettingsTable {
    /// What is derived comes after what it is derived from.
    package static let all =
        federation + node + listener + pulling + quality + wisdom
        + governor + indirect

    /// The row of a key.
    static func setting(_ key: String) -> Setting? { all.first { $0.key == key } }

    static let federation = [
        Setting(
            "FEDERATION_ENABLED",
            \.isFederationEnabled,
            .flag,
            "the federation subsystem; off, /federation/* answers 404"
        ),
        Setting(
            "NOVA_FED_SYNC_ENABLED",
            \.isSyncEnabled,
            .flag,
            "pull the peers; off, or without peers, this is a single node: N = 0, G* <= 0.30"
        ),
        Setting(
            "NOVA_FED_PEERS",
            \.peerList,
            SettingKind(
                allowed: "URL or name=URL, with commas between them",
                parse: { $0 },
                show: { list in list.isEmpty ? "none" : SettingFault.shown(list) }
            ),
            """
            base URLs, http or https, of the peers; an environment string holds about 4,500, \
            NOVA_FED_PEERS_FILE more
            """
        ),
        Setting(
            "NOVA_FED_PEERS_FILE",
            \.peersFile,
            .optional(.path),
            "more peers: one a line, or Prometheus' file_sd by the ending .json, .yml, .yaml"
        ),
        Setting(
            "NOVA_FED_LOCAL_SOURCE",
            \.localSource,
            SettingKind(
                allowed: LocalSource.allowed,
                parse: { LocalSource(parsing: $0) },
                show: { $0.description }
            ),
            "where this node's own metrics come from; builtin is the governor in this process"
        ),
    ]

    static let node = [
        Setting(
            "NOVA_NODE_ID",
            \.nodeID,
            .optional(.identity, none: "generated"),
            """
            node_id in the summary, unlike any peer's; generated is nova-<hostname>-<8 hex>, \
            kept in the state directory
            """
        ),
        Setting(
            "NOVA_FED_STATE_DIR",
            \.stateDirectory,
            .optional(.path),
            "where a generated node id is kept; without one it changes at each start",
            fallback: "$STATE_DIRECTORY, else none"
        ),
        Setting(
            "NOVA_VERSION",
            \.version,
            .identity,
            "version in the summary",
            fallback: "the product's version"
        ),
    ]
}

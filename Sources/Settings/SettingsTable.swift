internal import Federation

/// The list of all settings, from which they are read and their documentation is generated.
///
/// The documentation is `check --help`, `check --template` and docs/settings.md.
enum SettingsTable {
    /// A derived setting comes after the settings that it is derived from.
    static let all =
        federation + node + listener + pulling + quality + wisdom
        + governor + indirect

    /// The row of a key.
    static func setting(_ key: String) -> Setting? { all.first { $0.key == key } }

    static let federation = [
        Setting(
            "FEDERATION_ENABLED",
            \.isFederationEnabled,
            .flag,
            "Enable federation. If off, nothing is pulled and /federation/* returns 404.",
            restart: true
        ),
        Setting(
            "NOVA_FED_SYNC_ENABLED",
            \.isSyncEnabled,
            .flag,
            """
            Pull the peers. If off, or without peers, this is a single node: N = 0 and G* <= 0.30.
            """
        ),
        Setting(
            "NOVA_FED_PEERS",
            \.peerList,
            SettingKind(
                allowed: "URL or name=URL, comma-separated",
                parse: { $0 },
                show: { list in list.isEmpty ? "none" : list.shown }
            ),
            """
            Base URLs of the peers, http or https. An environment variable has room for about \
            4,500; put more into NOVA_FED_PEERS_FILE.
            """
        ),
        Setting(
            "NOVA_FED_PEERS_FILE",
            \.peersFile,
            .optional(.path),
            """
            File with more peers: one per line, or Prometheus file_sd if the name ends in .json, \
            .yml or .yaml.
            """
        ),
        Setting(
            "NOVA_FED_LOCAL_SOURCE",
            \.localSource,
            SettingKind(
                allowed: LocalSource.allowed,
                parse: { LocalSource(parsing: $0) },
                show: { $0.description }
            ),
            "Source of this node's own numbers. builtin is the governor in this process.",
            restart: true
        ),
    ]

    static let node = [
        Setting(
            "NOVA_NODE_ID",
            \.nodeID,
            .optional(.identity, none: "generated"),
            """
            node_id in the summary; must differ from the id of every peer. If unset, \
            nova-<hostname>-<8 hex> is generated and kept in the state directory.
            """,
            restart: true
        ),
        Setting(
            "NOVA_FED_STATE_DIR",
            \.stateDirectory,
            .optional(.path),
            "Directory that keeps a generated node id. Without one, the id changes at each start.",
            restart: true,
            fallback: "$STATE_DIRECTORY, else none"
        ),
        Setting(
            "NOVA_VERSION",
            \.version,
            .identity,
            "version in the summary.",
            fallback: "the product's version"
        ),
    ]
}

internal import Federation

/// All settings, for reading them, `check --help`, `check --template` and docs/settings.md.
enum SettingsTable {
    /// A derived setting comes after the settings that it is derived from.
    static let all =
        federation + node + listener + trust + pulling + quality + wisdom + governor + indirect

    static func setting(_ key: String) -> Setting? { all.first { $0.key == key } }

    static func key(of field: PartialKeyPath<Settings>) -> String {
        guard let setting = all.first(where: { $0.field == field })
        else { preconditionFailure("a field in a rule has a row in the table") }
        return setting.key
    }

    static let federation: [Setting] = [
        Setting("FEDERATION_ENABLED", \.isFederationEnabled, .flag, restart: true) {
            "Enable federation."
            "If off, nothing is pulled and /federation/* returns 404."
        },
        Setting("NOVA_FED_SYNC_ENABLED", \.isSyncEnabled, .flag) {
            "Pull the peers."
            "If off, or without peers, this is a single node: N = 0 and G* <= 0.30."
        },
        Setting("NOVA_FED_PEERS", \.peerList, .peerList) {
            "Base URLs of the peers, http or https."
            "An environment variable holds about 4,500 URLs; put more into NOVA_FED_PEERS_FILE."
        },
        Setting("NOVA_FED_PEERS_FILE", \.peersFile, .optional(.path)) {
            "File with more peers: one per line, or Prometheus file_sd if the name ends in .json,"
            ".yml or .yaml."
        },
        Setting("NOVA_FED_LOCAL_SOURCE", \.localSource, .text(LocalSource.allowed), restart: true) {
            "Source of this node's own numbers."
            "builtin is the governor in this process."
        },
    ]

    static let node: [Setting] = [
        Setting("NOVA_NODE_ID", \.nodeID, .optional(.identity, none: "generated"), restart: true) {
            "node_id in the summary; must differ from the id of every peer."
            "If unset, nova-<hostname>-<8 hex> is generated and kept in the state directory."
        },
        Setting("NOVA_FED_STATE_DIR", \.stateDirectory, .optional(.path), restart: true) {
            "Directory for the generated node id, the state that survives restarts, and the events."
            "Without one, the id changes at each start, and events are kept in memory only."
        } fallback: {
            "$STATE_DIRECTORY, else none"
        },
        Setting("NOVA_FED_EVENTS_DAYS", \.eventDays, .count(0...3_650)) {
            "Days for which events are kept. 0 keeps none."
        },
        Setting("NOVA_FED_EVENTS_MAX", \.eventLimit, .count(100...10_000_000)) {
            "Maximum number of events that are kept; the oldest are deleted first."
        },
        Setting("NOVA_VERSION", \.version, .identity) {
            "The version in the summary."
        } fallback: {
            "the product's version"
        },
    ]
}

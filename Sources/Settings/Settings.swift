package import Federation
package import Logging

/// Everything that an operator can set, checked and complete.
///
/// A value of this type is a promise: every field is inside its bounds and they fit each other.
/// `SettingsTable` says for each key which field it fills, and what is allowed.
package struct Settings: Hashable, Sendable {
    // Federation and its peers.
    var isFederationEnabled = false
    var isSyncEnabled = false
    /// The union of the list and of the file, each place and each label once.
    package var peers: [Peer] = []
    /// The text of NOVA_FED_PEERS; `peers` is what came of it.
    var peerList = ""
    package var peersFile: String?

    // Pulling.
    /// Each peer is pulled once in it.
    package var interval: Duration = .seconds(30)
    /// The hard deadline of one pull, at most the interval.
    package var timeout: Duration = .milliseconds(2_500)
    /// The most pulls at one time.
    package var maxInFlight = 256
    /// The same if it was set; nil if it is derived.
    var configuredInFlight: Int?
    /// The largest summary accepted, in bytes.
    package var maxBody = 65_536
    /// PEM; nil for the system's bundle.
    package var caFile: String?
    /// How long observations are kept.
    package var window: Duration = .seconds(300)
    /// A peer is live if its last good pull is no older.
    var maxAge: Duration = .seconds(90)

    // Quality: w1 success + w2 latency + w3 freshness.
    var successWeight = 0.5
    var latencyWeight = 0.3
    var freshnessWeight = 0.2
    /// The p95 at which the latency score reaches 0.
    var latencyCap: Duration = .seconds(2)
    /// The age at which freshness is 1/e.
    var freshnessTau: Duration = .seconds(300)
    /// The quality that makes a peer good for health's `ready`; nil for no such gate.
    package var minPeerQuality: Double?
    package var minGoodPeers = 1

    // Wisdom.
    /// The time between two ticks of the governor.
    package var pollInterval: Duration = .seconds(15)
    package var contextMode = Context.Mode.auto
    /// The fewest live peers of a federated context.
    package var contextMinPeers = 2
    /// How long the context stays federated after that.
    package var contextHysteresis: Duration = .seconds(120)
    /// What generativity and the governor go by.
    package var governor = GovernorConstants()
    package var localSource = LocalSource.builtin

    // The node.
    /// nil: the one in the state directory.
    package var nodeID: String?
    /// Where a generated node id is kept; nil for nowhere.
    var stateDirectory: String?
    /// The `version` of the summary.
    package var version = ProductVersion.current

    // The listener and the process.
    package var bind = BindAddress.standard
    package var isMetricsEnabled = false
    package var hasMetricAliases = false
    /// How long serving goes on after a request to stop.
    package var drain: Duration = .seconds(5)
    package var maxConnections = 4_096
    /// The same if it was set; nil if it is derived.
    var configuredConnections: Int?
    /// 0 for no limit.
    package var maxConnectionsPerAddress = 0
    /// Bytes of computed pages that clients may hold.
    package var maxResponseBytes = 128 << 20
    package var logLevel = Logger.Level.info
    package var logFormat = LogFormat.logfmt

    /// How many files the process may have open; what the settings were checked against.
    package var fileLimit: Int

    init(fileLimit: Int) {
        self.fileLimit = fileLimit
    }
}

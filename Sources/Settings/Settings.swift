package import Federation
package import Logging
package import Trust

/// All settings that an operator can change, complete and valid.
///
/// `LoadedSettings` has only values whose fields are within their bounds and follow the rules.
/// `SettingsTable` maps each key to its field and its allowed values.
package struct Settings: Hashable, Sendable {
    // Federation and its peers.
    var isFederationEnabled = false
    var isSyncEnabled = false
    /// The peers of NOVA_FED_PEERS and of the peers file, without duplicates.
    package var peers: [Peer] = []
    /// The text of NOVA_FED_PEERS, which `peers` includes.
    var peerList = ""
    package var peersFile: String?

    // Pulling.
    /// The time between two pulls of a peer.
    package var interval: Duration = .seconds(30)
    /// The deadline of one pull, at most the interval.
    package var timeout: Duration = .milliseconds(2_500)
    /// The maximum number of pulls at the same time.
    package var maxInFlight = 256
    /// The same value if it was set; nil if it is derived.
    var configuredInFlight: Int?
    /// The size limit of a summary in bytes.
    package var maxBody = 65_536
    /// A PEM file; nil = the system's bundle.
    package var caFile: String?
    /// How long observations are kept.
    package var window: Duration = .seconds(300)
    /// How many consecutive failed pulls make a peer `down`.
    var downAfter = 1
    /// A peer is live while its last good pull is at most this old.
    var maxAge: Duration = .seconds(90)
    /// The numbers of a peer whose `ts` has not changed for this long are stale.
    var staleAfter: Duration = .seconds(300)

    // Quality.
    var qualityWeights = Weights.standard
    /// The p95 latency at which the latency score is 0.
    var latencyCap: Duration = .seconds(2)
    /// The age at which freshness is 1/e.
    var freshnessTau: Duration = .seconds(300)
    /// The minimum quality of a good peer for `ready` on the health page; nil = no such condition.
    package var minPeerQuality: Double?
    package var minGoodPeers = 1

    // Wisdom.
    /// The time between two ticks of the governor.
    package var pollInterval: Duration = .seconds(15)
    package var contextMode = Context.Mode.auto
    /// The number of live peers that the federated context needs.
    package var contextMinPeers = 2
    /// How long the context stays federated with fewer live peers.
    package var contextHysteresis: Duration = .seconds(120)
    /// The constants of generativity and of the governor.
    package var governor = GovernorConstants()
    package var localSource = LocalSource.builtin

    // The node.
    /// nil = the id in the state directory, or a temporary one.
    package var nodeID: String?
    /// The directory of the generated node id, the saved state and the events; nil = not kept.
    package var stateDirectory: String?
    /// Older events are deleted.
    package var eventDays = 30
    package var eventLimit = 100_000
    /// The `version` of the summary.
    package var version = ProductVersion.current

    // The listener and the process.
    package var bind = BindAddress(host: "0.0.0.0", port: 8_100)
    package var isMetricsEnabled = false
    package var hasMetricAliases = false
    /// How long the node keeps serving after SIGTERM.
    package var drain: Duration = .seconds(5)
    package var maxConnections = 4_096
    /// The same value if it was set; nil if it is derived.
    var configuredConnections: Int?
    /// 0 = unlimited.
    package var maxConnectionsPerAddress = 0
    /// The maximum bytes of computed pages in memory.
    package var maxResponseBytes = 128 << 20
    package var logLevel = Logger.Level.info
    package var logFormat = LogFormat.logfmt

    // Trust.
    /// The certificate of the listener, and its chain; nil = plain HTTP.
    package var certificateFile: String?
    package var keyFile: String?
    package var minimumTLS = TLSVersion.tls12
    /// The authorities of accepted client certificates.
    package var clientAuthorityFile: String?
    /// Empty = all certificates of these authorities.
    package var clientNames: [ClientName] = []
    /// The tokens that the listener accepts.
    package var tokenFile: String?
    /// The token that https peers get.
    package var peerTokenFile: String?

    /// The limit of open files that the settings were checked against.
    package var fileLimit: Int
}

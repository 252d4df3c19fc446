import CurlClient
import Federation
import Logging
import MicroHTTPServer
import PeerSync
import ServiceLifecycle
import UnixSignals

/// The whole service, put together: the only place that knows everything.
struct FederationNode {
    private let settings: Settings
    private let log: Logger
    private let server: MicroHTTPServer
    private let pages: ReadyPages
    private let local: LocalNode<SystemTime>
    private let origin: NumbersOrigin
    private let sync: SyncService?
    private let identity: NodeIdentity
    private let signals: UnixSignalsSequence

    /// Opens everything that can fail to open: the state directory, the listener, the loop.
    ///
    /// The listener answers from then on, and never without the numbers of a governor of our own:
    /// to a peer that would be a failed pull. Another source is asked in `run`, where a signal ends
    /// it, for it may take its time.
    init(settings: Settings, log: Logger) async throws(NodeFault) {
        // From before anybody can know of us: a signal asks to stop, and does not kill.
        signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        self.settings = settings
        self.log = log
        FileLimit.raise()
        let time = SystemTime()
        identity = try Self.identity(of: settings, log: log)
        pages = ReadyPages()
        var ledger = Ledger(identity: identity, window: settings.window)
        let isSyncing = settings.mode == .peerSync
        let pulls = (isSyncing ? settings.peers : [])
            .map { peer in
                Pull(index: ledger.insert(peer), peer: peer)
            }
        let store = PeerStore(ledger: ledger)
        do throws(SystemError) {
            origin = try settings.numbersOrigin(for: identity, time: time)
        } catch {
            throw .system(error)
        }
        local = LocalNode(
            identity: identity,
            settings: settings,
            origin: origin,
            store: store,
            time: time,
            pages: pages,
            log: log
        )
        if origin.isImmediate { await local.tick() }
        let board = StatusBoard(
            mode: settings.mode,
            identity: identity,
            settings: settings,
            store: store,
            local: local,
            pages: pages,
            time: time,
            started: time.now
        )
        let requests = RequestCounts()
        let metrics = MetricsPage(
            hasAliases: settings.hasMetricAliases,
            requests: requests,
            process: ProcessFacts(startedWall: time.wallNow)
        )
        server = try Self.server(
            settings: settings,
            log: log,
            requests: requests,
            routes: Routes(
                mode: settings.mode,
                hasMetrics: settings.isMetricsEnabled,
                pages: pages,
                board: board,
                metrics: metrics
            )
        )
        sync =
            isSyncing
            ? try Self.sync(
                settings: settings,
                pulls: pulls,
                store: store,
                time: time,
                nodeID: identity.nodeID,
                log: log
            )
            : nil
    }

    /// Serves until a signal asks to stop, drains, and returns when all is answered.
    func run() async throws(NodeFault) {
        var services: [any Service] = [ServerService(server: server)]
        if case .nobody = origin {
            announce()
        } else {
            services.append(LocalService(local: local) { announce() })
        }
        if let sync { services.append(sync) }
        let drain = Drain(
            signals: signals,
            duration: settings.drain,
            pages: pages,
            server: server,
            log: log
        )
        var configuration = ServiceGroupConfiguration(
            services: services.map { .init(service: $0) },
            logger: log
        )
        configuration.services.append(
            .init(service: drain, successTerminationBehavior: .gracefullyShutdownGroup)
        )
        do {
            try await ServiceGroup(configuration: configuration).run()
        } catch {
            throw .failed("\(error)")
        }
        log.notice("stopped")
    }

    private func announce() {
        log.notice(
            "serving",
            metadata: [
                "address": "\(BindAddress(host: settings.bind.host, port: server.port))",
                "node_id": "\(identity.nodeID)", "instance": "\(identity.instance)",
                "mode": "\(settings.mode.rawValue)", "peers": "\(settings.peers.count)",
                "version": "\(ProductVersion.current)",
            ]
        )
        if settings.mode == .singleNode {
            log.notice("\(Mode.singleNodeNotice)")
        }
    }
}

/// Why a node does not run.
enum NodeFault: Error, CustomStringConvertible {
    case stateDirectory(StateDirectory.Fault)
    case listener(ServerError)
    case system(SystemError)
    case failed(String)

    /// What the process ends with.
    var exitStatus: ExitStatus {
        switch self {
        case .stateDirectory: .stateDirectory
        case .listener: .noSocket
        case .system, .failed: .bug
        }
    }

    var description: String {
        switch self {
        case .stateDirectory(let fault): fault.description
        case .listener(let error): "cannot listen: \(error)"
        case .system(let error): "\(error.during) failed: error \(error.code)"
        case .failed(let what): what
        }
    }
}

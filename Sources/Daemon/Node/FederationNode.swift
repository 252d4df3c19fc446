import CurlClient
import Federation
import FoundationEssentials
import Host
import Logging
import MicroHTTPServer
import PeerSync
import ServiceLifecycle
import Settings
import UnixSignals

/// The whole service, put together: the only place that knows everything.
struct FederationNode {
    private let inForce: SettingsInForce
    private let log: Logger
    private let server: MicroHTTPServer
    private let pages: ReadyPages
    private let local: LocalNode<SystemTime>
    private let origin: NumbersOrigin
    private let sync: SyncService
    private let identity: NodeIdentity
    private let supervisor: Supervisor
    private let reload: Reload
    private let signals: UnixSignalsSequence
    private let hangUps: UnixSignalsSequence

    /// Opens everything that can fail to open: the state directory, the listener, the loop.
    ///
    /// The listener answers from then on, and never without the numbers of a governor of our own:
    /// to a peer that would be a failed pull. Another source is asked in `run`, where a signal ends
    /// it, for it may take its time.
    ///
    /// `config` is the file that a reload reads again, `threshold` what its log level moves, and
    /// `writer` what `log` writes to.
    init(
        loaded: LoadedSettings,
        config: String?,
        threshold: LogThreshold,
        writer: LogWriter,
        log: Logger
    ) async throws(NodeFault) {
        // From before anybody can know of us: a signal asks for something, and does not kill.
        signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        hangUps = await UnixSignalsSequence(trapping: .sighup)
        let settings = loaded.settings
        self.log = log
        FileLimit.raise()
        let time = SystemTime()
        inForce = SettingsInForce(loaded, wall: time.wallNow)
        supervisor = Supervisor(environment: ProcessInfo.processInfo.environment)
        identity = try Self.identity(of: settings, log: log)
        pages = ReadyPages()
        let client = try Self.client(settings: settings)
        let store = PeerStore(identity: identity, plan: settings.pullPlan, on: client)
        do throws(SystemError) {
            origin = try inForce.numbersOrigin(for: identity, time: time)
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
            supervisor: supervisor,
            log: log
        )
        sync = Self.sync(
            settings: settings,
            client: client,
            store: store,
            time: time,
            nodeID: identity.nodeID,
            supervisor: supervisor,
            log: log
        )
        reload = Reload(
            config: config,
            inForce: inForce,
            sync: sync,
            local: local,
            level: threshold,
            supervisor: supervisor,
            time: time,
            log: log
        )
        if origin.isImmediate { await local.start() }
        let board = StatusBoard(
            identity: identity,
            inForce: inForce,
            store: store,
            local: local,
            pages: pages,
            time: time,
            started: time.now
        )
        let (requests, counts, listener) = (RequestCounts(), PageCounts(), ListenerCounts())
        let instruments = Instruments(
            requests: requests,
            pages: counts,
            listener: listener,
            startedWall: time.wallNow,
            droppedRecords: { writer.dropped }
        )
        server = try Self.server(
            settings: settings,
            log: log,
            requests: requests,
            counts: counts,
            listener: listener,
            routes: Routes(
                isOff: settings.mode == .off,
                pages: pages,
                board: board,
                instruments: instruments
            )
        )
    }

    /// Serves until a signal asks to stop, drains, and returns when all is answered.
    func run() async throws(NodeFault) {
        var services: [any Service] = [
            ServerService(server: server), sync, ReloadService(hangUps: hangUps, reload: reload),
        ]
        if case .nobody = origin {
            announce()
        } else {
            services.append(LocalService(local: local) { announce() })
        }
        let drain = Drain(
            signals: signals,
            inForce: inForce,
            pages: pages,
            server: server,
            supervisor: supervisor,
            log: log
        )
        // Each with a name: without one the group keeps a description of it, with every peer.
        var configuration = ServiceGroupConfiguration(
            services: services.map { .init(service: $0, serviceName: "\(type(of: $0))") },
            logger: log
        )
        configuration.services.append(
            .init(
                service: drain,
                successTerminationBehavior: .gracefullyShutdownGroup,
                serviceName: "\(Drain.self)"
            )
        )
        do {
            try await ServiceGroup(configuration: configuration).run()
        } catch {
            throw .failed("\(error)")
        }
        log.notice("stopped")
    }

    private func announce() {
        let settings = inForce.settings
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
        supervisor.ready()
    }
}

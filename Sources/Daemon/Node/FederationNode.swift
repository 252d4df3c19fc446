import Federation
import Host
import Logging
import MicroHTTPServer
import ServiceLifecycle
import Settings
import StateStore

/// The whole service, listening.
struct FederationNode {
    private let parts: WiredNode
    private let server: MicroHTTPServer

    private var opened: OpenedNode { parts.opened }

    /// Opens the listener, which responds from then on.
    ///
    /// It never responds without the numbers of our own governor, which a peer would take for a
    /// failed pull. Another source may take its time, so `run` asks it, where a signal ends it.
    init(_ parts: WiredNode, writer: LogWriter) async throws(NodeFault) {
        self.parts = parts
        let opened = parts.opened
        if opened.origin.isImmediate { await parts.local.start() }
        let settings = opened.inForce.settings
        let events = opened.state.events
        let instruments = Instruments(
            startedWall: opened.time.wallNow,
            events: events,
            inForce: opened.inForce,
            keeper: parts.keeper,
            droppedRecords: { writer.dropped }
        )
        do throws(ServerError) {
            server = try MicroHTTPServer(
                Configuration(settings: settings),
                handler: Routes(
                    isOff: settings.mode == .off,
                    pages: parts.pages,
                    board: parts.board,
                    events: EventSource(
                        log: events,
                        file: opened.state.file,
                        inForce: opened.inForce
                    ),
                    instruments: instruments
                ),
                access: parts.access,
                pages: instruments.pages,
                counts: instruments.listener,
                log: { opened.log.warning("http server", metadata: ["detail": "\($0)"]) },
                report: { $0.write(to: opened.log) },
                observe: instruments.requests.count(path:status:)
            )
        } catch {
            throw .listener(error)
        }
    }

    /// Serves until a signal asks to stop, drains, and returns when all is answered.
    func run() async throws(NodeFault) {
        var services: [any Service] = [
            ServerService(server: server), parts.sync,
            ReloadService(hangUps: opened.hangUps, reload: parts.reload),
        ]
        if case .disabled = opened.origin {
            announce()
        } else {
            services.append(LocalService(local: parts.local) { announce() })
        }
        if let keeper = parts.keeper {
            services.append(StateService(keeper: keeper, local: parts.local))
        }
        let drain = Drain(
            signals: opened.signals,
            inForce: opened.inForce,
            pages: parts.pages,
            server: server,
            supervisor: opened.supervisor,
            events: opened.state.events,
            uptime: { [board = parts.board] in board.uptime },
            log: opened.log
        )
        // Each with a name: without one the group keeps a description of it, with every peer.
        var configuration = ServiceGroupConfiguration(
            services: services.map { .init(service: $0, serviceName: "\(type(of: $0))") },
            logger: opened.log
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
        await parts.keeper?.finish(local: parts.local)
        opened.log.notice("stopped")
    }

    private func announce() {
        let (log, identity) = (opened.log, opened.identity)
        let settings = opened.inForce.settings
        let event = opened.state.events.record(.start, lateness: .zero) {
            $0.to = ProductVersion.current
        }
        log.notice(
            "serving",
            metadata: [
                "address": "\(BindAddress(host: settings.bind.host, port: server.port))",
                "node_id": "\(identity.nodeID)", "instance": "\(identity.instance)",
                "mode": "\(settings.mode.rawValue)", "peers": "\(settings.peers.count)",
                "version": "\(ProductVersion.current)", "event": "\(event)",
            ]
        )
        if settings.mode == .singleNode {
            log.notice("\(Mode.singleNodeNotice)")
        }
        opened.supervisor.ready()
    }
}

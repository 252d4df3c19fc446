import CurlClient
import Federation
import Host
import Logging
import MicroHTTPServer
import PeerSync
import Settings

extension FederationNode {
    /// Who this node is; says so if that will not last.
    static func identity(
        of settings: Settings,
        log: Logger
    ) throws(NodeFault) -> NodeIdentity {
        do throws(StateDirectory.Fault) {
            let made = try OwnIdentity.make(of: settings)
            if made.isTemporary { log.warning("\(OwnIdentity.temporaryWarning)") }
            return made.identity
        } catch {
            throw .stateDirectory(error)
        }
    }

    /// The listener, open.
    static func server(
        settings: Settings,
        log: Logger,
        requests: RequestCounts,
        counts: PageCounts,
        listener: ListenerCounts,
        routes: Routes
    ) throws(NodeFault) -> MicroHTTPServer {
        do throws(ServerError) {
            return try MicroHTTPServer(
                Configuration(settings: settings),
                handler: routes,
                pages: counts,
                counts: listener,
                log: { log.warning("http server", metadata: ["detail": "\($0)"]) },
                report: { $0.write(to: log) },
                observe: requests.count(path:status:)
            )
        } catch {
            throw .listener(error)
        }
    }

    /// The client that pulls the peers; the pull loop and the store share its thread.
    static func client(settings: Settings) throws(NodeFault) -> CurlClient {
        do throws(SystemError) {
            return try CurlClient(
                limits: Limits(settings: settings, keptConnections: settings.keptConnections)
            )
        } catch {
            throw .system(error)
        }
    }

    /// The loop over the peers.
    static func sync(
        settings: Settings,
        client: CurlClient,
        store: PeerStore,
        time: SystemTime,
        nodeID: String,
        supervisor: Supervisor,
        log: Logger
    ) -> SyncService {
        let rest = min(.seconds(60), (supervisor.watchdog ?? .seconds(240)) / 4)
        let sync = PeerSync(
            transport: CurlTransport(client: client),
            time: time,
            store: store,
            plan: settings.pullPlan,
            nodeID: nodeID,
            heartbeat: .init(every: rest, beat: supervisor.beat(at:)),
            tell: { $0.write(to: log) }
        )
        return SyncService(sync: sync, client: client)
    }
}

extension Configuration {
    /// The listener that the settings ask for.
    init(settings: Settings) {
        self.init(host: settings.bind.host, port: settings.bind.port)
        maxConnections = settings.maxConnections
        maxConnectionsPerAddress = settings.maxConnectionsPerAddress
        maxResponseBytes = settings.maxResponseBytes
        idleTimeout = settings.listenerIdleTimeout
    }
}

import CurlClient
import Federation
import Host
import MicroHTTPServer
import PeerSync
import Settings

/// The parts of a node, connected with each other and with what was opened; nothing runs yet.
struct WiredNode {
    let opened: OpenedNode
    let pages = ReadyPages()
    let board: StatusBoard
    let local: LocalNode<SystemTime>
    let sync: SyncService
    let reload: Reload
    /// The certificate of the listener, and which clients it accepts.
    let access: AccessControl
    /// Nil without a state directory.
    let keeper: StateKeeper?

    /// `config` is the file that a reload reads again.
    init(_ opened: OpenedNode, config: String?) async {
        self.opened = opened
        let (inForce, identity, time) = (opened.inForce, opened.identity, opened.time)
        let settings = inForce.settings
        let saved = opened.state.saved.take()
        if let saved, let row = saved.values[SavedState.addresses] {
            await opened.client.restore(KnownAddresses.all(in: row, by: saved.time))
        }
        // The store and the pull loop share the thread of the client.
        let store = PeerStore(identity: identity, plan: settings.pullPlan, on: opened.client) {
            saved?.restore(&$0, log: opened.log)
        }
        local = LocalNode(
            identity: identity,
            inForce: inForce,
            origin: opened.origin,
            store: store,
            time: time,
            pages: pages,
            supervisor: opened.supervisor,
            events: opened.state.events,
            saved: saved,
            log: opened.log
        )
        keeper = opened.state.file.map { file in
            StateKeeper(
                file,
                events: opened.state.events,
                store: store,
                client: opened.client,
                inForce: inForce,
                time: time,
                log: opened.log
            )
        }
        sync = Self.sync(opened, store: store)
        let loaded = inForce.loaded
        access = AccessControl(
            openPaths: Route.open,
            certificate: loaded.trust.listener?.value,
            clients: loaded.clientTrust
        )
        reload = Reload(
            config: config,
            inForce: inForce,
            sync: sync,
            local: local,
            store: store,
            access: access,
            events: opened.state.events,
            supervisor: opened.supervisor,
            time: time,
            log: opened.log
        )
        board = StatusBoard(
            identity: identity,
            inForce: inForce,
            store: store,
            local: local,
            pages: pages,
            time: time,
            started: time.now
        )
    }

    /// The loop over the peers.
    private static func sync(_ opened: OpenedNode, store: PeerStore) -> SyncService {
        let (supervisor, log, events) = (opened.supervisor, opened.log, opened.state.events)
        let rest = min(.seconds(60), (supervisor.watchdog ?? .seconds(240)) / 4)
        let sync = PeerSync(
            transport: CurlTransport(client: opened.client),
            time: opened.time,
            store: store,
            plan: opened.inForce.settings.pullPlan,
            nodeID: opened.identity.nodeID,
            heartbeatInterval: rest,
            heartbeat: supervisor.beat(at:),
            report: { change, lateness in
                switch change {
                case .peer(let change): change.record(in: events, to: log, lateness: lateness)
                case .own(let change): change.record(in: events, to: log, lateness: lateness)
                }
            }
        )
        return SyncService(sync: sync, client: opened.client, inForce: opened.inForce)
    }
}

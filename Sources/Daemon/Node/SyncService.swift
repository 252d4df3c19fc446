import PeerSync
import ServiceLifecycle

/// Pulls until the group shuts down.
struct SyncService: Service {
    let sync: PeerSync<CurlTransport, SystemTime>

    func run() async throws {
        await cancelWhenGracefulShutdown { await sync.run() }
    }
}

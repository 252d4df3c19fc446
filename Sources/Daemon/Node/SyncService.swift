import CurlClient
import PeerSync
import ServiceLifecycle

/// Pulls until the group shuts down.
struct SyncService: Service {
    let sync: PeerSync<CurlTransport, SystemTime>
    /// The client that the loop pulls with, on whose thread it runs.
    let client: CurlClient

    func run() async throws {
        await cancelWhenGracefulShutdown {
            // Loop, store and client take turns on one thread: else each pull would change threads
            // four times.
            await withTaskExecutorPreference(client.taskExecutor) { await sync.run() }
        }
    }
}

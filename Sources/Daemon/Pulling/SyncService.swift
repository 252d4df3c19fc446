import CurlClient
import Federation
import PeerSync
import ServiceLifecycle
import Settings

/// Pulls until the group shuts down; without peers it waits for a reload that brings some.
struct SyncService: Service {
    let sync: PeerSync<CurlTransport, SystemTime>
    /// The client that the loop pulls with, on whose thread it runs.
    let client: CurlClient
    let inForce: SettingsInForce

    /// Applies the settings in force; nil if the loop has ended.
    func settingsChanged() async -> PeerChanges? {
        let loaded = inForce.loaded
        let kept = loaded.settings.keptConnections
        await client.setLimits(FetchLimits(loaded, keptConnections: kept))
        return await sync.adopt(loaded.settings.pullPlan)
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            // Loop and client take turns on one thread, without a job for each change.
            await client.host { client in await sync.run(isolation: client) }
        }
    }
}

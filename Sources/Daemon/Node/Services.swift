import Logging
import MicroHTTPServer
import PeerSync
import ServiceLifecycle
import UnixSignals

/// Serves until the group shuts down, then until what is under way is answered.
struct ServerService: Service {
    let server: MicroHTTPServer

    func run() async throws {
        do {
            try await cancelWhenGracefulShutdown { try await self.server.run() }
        } catch is CancellationError {
            // This is how it ends when it was asked to.
        }
    }
}

/// Pulls until the group shuts down.
struct SyncService: Service {
    let sync: PeerSync<CurlTransport, SystemTime>

    func run() async throws {
        do {
            try await cancelWhenGracefulShutdown { await self.sync.run() }
        } catch is CancellationError {
            // This is how it ends when it was asked to.
        }
    }
}

/// Waits for the signal to stop, and then for the balancer to notice.
///
///     serving ──signal──▶ draining ──time, or a second signal──▶ the group shuts down
struct Drain: Service {
    let duration: Duration
    let pages: ReadyPages
    let server: MicroHTTPServer
    let log: Logger

    func run() async throws {
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        var received = signals.makeAsyncIterator()
        guard let first = await received.next() else { return }
        pages.readiness = .draining
        server.beginDraining()
        log.notice(
            "draining", metadata: ["signal": "\(first)", "seconds": "\(duration.components.seconds)"])
        await withTaskGroup { group in
            group.addTask { try? await Task.sleep(for: duration) }  // cancelled by a signal
            group.addTask {
                for await second in signals {
                    log.notice("drain skipped", metadata: ["signal": "\(second)"])
                    break
                }
            }
            await group.next()
            group.cancelAll()
        }
        log.notice("stopping")
    }
}

import Federation
import Logging
import MicroHTTPServer
import ServiceLifecycle
import UnixSignals

/// Waits for the signal to stop, and then for the balancer to notice.
///
///     serving ──signal──▶ draining ──time, or a second signal──▶ the group shuts down
struct Drain: Service {
    let signals: UnixSignalsSequence
    let duration: Duration
    let pages: ReadyPages
    let server: MicroHTTPServer
    let log: Logger

    func run() async throws {
        let (isDraining, begin) = AsyncStream.makeStream(of: Void.self)
        await withTaskGroup { group in
            group.addTask {
                var isFirst = true
                for await signal in signals {
                    guard isFirst else { return log.notice("drain skipped") }
                    isFirst = false
                    startDraining(after: signal)
                    begin.yield()
                }
            }
            group.addTask {
                for await _ in isDraining { break }
                try? await Task.sleep(for: duration)  // ends early when a signal skips it
            }
            await group.next()
            group.cancelAll()
        }
        log.notice("stopping")
    }

    /// Tells balancers and clients to go elsewhere, while everything is still served.
    private func startDraining(after signal: UnixSignal) {
        pages.readiness = .draining
        server.beginDraining()
        log.notice(
            "draining",
            metadata: ["signal": "\(signal)", "seconds": "\(duration.inSeconds)"]
        )
    }
}

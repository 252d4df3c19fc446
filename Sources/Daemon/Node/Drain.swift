import Federation
import Host
import Logging
import MicroHTTPServer
import ServiceLifecycle
import Settings
import Timing
import UnixSignals

/// Waits for the signal to stop, and then for the balancer to notice.
///
///     serving ──signal──▶ draining ──time, or a second signal──▶ the group shuts down
struct Drain: Service {
    let signals: UnixSignalsSequence
    let inForce: SettingsInForce
    let pages: ReadyPages
    let server: MicroHTTPServer
    let supervisor: Supervisor
    let log: Logger

    func run() async throws {
        let (isDraining, begin) = AsyncStream.makeStream(of: Duration.self)
        await withTaskGroup { group in
            group.addTask {
                var isFirst = true
                for await signal in signals {
                    guard isFirst else { return log.notice("drain skipped") }
                    isFirst = false
                    begin.yield(startDraining(after: signal))
                }
            }
            group.addTask {
                for await duration in isDraining {
                    try? await Task.sleep(for: duration)  // ends early when a signal skips it
                    return
                }
            }
            await group.next()
            group.cancelAll()
        }
        log.notice("stopping")
    }

    /// Tells balancers and clients to go elsewhere, while everything is still served.
    ///
    /// - Returns: How long that goes on.
    private func startDraining(after signal: UnixSignal) -> Duration {
        let duration = inForce.settings.drain
        supervisor.stopping("draining for \(duration.words) s")
        pages.readiness = .draining
        server.beginDraining()
        log.notice(
            "draining",
            metadata: ["signal": "\(signal)", "seconds": "\(duration.inSeconds)"]
        )
        return duration
    }
}

import Federation
import Host
import Logging
import MicroHTTPServer
import ServiceLifecycle
import Settings
import StateStore
import Timing
import UnixSignals

/// Waits for a signal to stop, then serves until load balancers have noticed.
///
///     serving ──signal──▶ draining ──time, or a second signal──▶ the group shuts down
struct Drain: Service {
    let signals: UnixSignalsSequence
    let inForce: SettingsInForce
    let pages: ReadyPages
    let server: MicroHTTPServer
    let supervisor: Supervisor
    let events: EventLog
    let uptime: @Sendable () -> Double
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

    /// Makes `/ready` return 503 and closes connections after their next response.
    ///
    /// - Returns: How long serving continues.
    private func startDraining(after signal: UnixSignal) -> Duration {
        let duration = inForce.settings.drain
        supervisor.stopping("draining for \(duration.words) s")
        pages.readiness = .draining
        server.beginDraining()
        let event = events.record(.stop, lateness: .zero) {
            ($0.reason, $0.lasted) = ("\(signal)", uptime())
        }
        log.notice(
            "draining",
            metadata: [
                "signal": "\(signal)", "seconds": "\(duration.inSeconds)", "event": "\(event)",
            ]
        )
        return duration
    }
}

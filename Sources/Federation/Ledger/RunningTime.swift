package import Timing

/// Converts clock time to running time, which excludes standstills of this process.
///
/// At each iteration the pull loop announces its next iteration. If that one is late, the process
/// stood still: it was stopped, its virtual machine was paused, or the machine was overloaded. No
/// peer had a slot meanwhile, so the time does not count for any of them. A peer that was live
/// before is live afterwards, even for a reader that runs before the loop:
///
///     due at 30         stands still    runs at 200
///     10 ─────────── 30 ─ ─ ─ ─ ─ ─ ─ ─ ─ 200 ──── 230
///     10 ─────────── 30                    30 ───── 60     in running time
///
/// A suspended machine needs no correction, because CLOCK_MONOTONIC stops too.
package struct RunningTime: Sendable {
    /// How late an iteration may be before the time counts as lost.
    package static let tolerance = Duration.milliseconds(50)

    /// How long the loop may take to continue after a standstill before it counts as hanging.
    package static let hangTimeout = Duration.seconds(10)

    /// When the loop runs next at the latest, including the tolerance; nil before its first
    /// iteration.
    private var due: Instant?
    /// A time at which the process is known to have run, even if the loop hung; nil at first.
    private var ran: Instant?
    /// The time lost before the latest standstill.
    private var lostBefore = Duration.zero
    /// The latest standstill, in clock time; empty before the first.
    private var standstill = Instant(nanoseconds: .min)..<Instant(nanoseconds: .min)

    /// The start of the latest standstill, in running time; nil if there was none.
    var latestStandstill: Instant? {
        standstill.isEmpty ? nil : self[standstill.lowerBound]
    }

    /// Records an iteration of the loop and the deadline of the next one.
    ///
    /// Must be called before the iteration's pulls are recorded.
    package mutating func recordIteration(at now: Instant, next: Instant) {
        if let due, now > due {
            lostBefore += Self.length(of: standstill)
            standstill = due..<now
        }
        due = max(now, next) + Self.tolerance
    }

    /// Records that this process runs, independently of its loop.
    ///
    /// If the process ran long ago and the loop has not run since, the loop hangs, and time goes on
    /// without it. Just after a standstill the process may get here before its loop.
    package mutating func processRuns(at now: Instant) {
        guard let ran else {
            ran = now
            return
        }
        guard now - ran >= Self.hangTimeout else { return }
        if let due, ran > due { self.due = ran }
        self.ran = now
    }

    /// The running time at a moment of the clock.
    package subscript(moment: Instant) -> Instant {
        let moment = due.map { min(moment, $0) } ?? moment
        if moment >= standstill.upperBound {
            return moment - (lostBefore + Self.length(of: standstill))
        }
        return min(moment, standstill.lowerBound) - lostBefore
    }

    /// How late the loop is at a moment of the clock.
    package func lateness(at now: Instant) -> Duration {
        due.map { max(.zero, now - ($0 - Self.tolerance)) } ?? .zero
    }

    private static func length(of span: Range<Instant>) -> Duration {
        span.isEmpty ? .zero : span.upperBound - span.lowerBound
    }
}

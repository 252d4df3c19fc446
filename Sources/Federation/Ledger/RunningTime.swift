package import Timing

/// The time in which the pull loop of this node ran: ages of peers are counted in it.
///
/// At each turn the loop says when it will turn again at the latest. If it turns later, the process
/// stood still: it was stopped, its virtual machine was paused, or the machine was overloaded. No
/// peer had its slot meanwhile, so that time counts for none of them. A peer that was live before
/// is live after, also for a reader that comes before the loop has turned again:
///
///     turn, due at 30    stands still    turn at 200
///     10 ─────────── 30 ─ ─ ─ ─ ─ ─ ─ ─ ─ 200 ──── 230
///     10 ─────────── 30                    30 ───── 60     in running time
///
/// A suspended machine needs none of this: CLOCK_MONOTONIC stands still with it.
package struct RunningTime: Sendable {
    /// By how much a turn may be late before the time counts as lost.
    package static let tolerance = Duration.milliseconds(50)

    /// How long a loop may take to turn after a standstill before it is one that hangs.
    package static let patience = Duration.seconds(10)

    /// When the loop turns next at the latest, with the tolerance; nil before its first turn.
    private var due: Instant?
    /// A moment at which this process ran, whatever its loop did; nil before it was noted.
    private var ran: Instant?
    /// What was lost before the latest standstill, in nanoseconds.
    private var lostBefore: Int64 = 0
    /// The latest standstill; empty before the first.
    private var standstill = Instant(nanoseconds: .min)..<Instant(nanoseconds: .min)

    package init() {}

    /// When the process stood still last, in running time; nil if it never did.
    var latestStandstill: Instant? {
        standstill.isEmpty ? nil : self[standstill.lowerBound]
    }

    /// Notes a turn of the loop, and when it will turn again at the latest.
    mutating func turn(at now: Instant, next: Instant) {
        if let due, now > due {
            lostBefore += Self.length(of: standstill)
            standstill = due..<now
        }
        due = max(now, next) + Self.tolerance
    }

    /// Notes that this process runs, whatever its loop does.
    ///
    /// A loop that has not turned since the process ran long ago hangs, and its peers grow old. A
    /// process that goes on after a standstill may get here before its loop.
    mutating func processRuns(at now: Instant) {
        guard let ran else {
            ran = now
            return
        }
        guard now - ran >= Self.patience else { return }
        if let due, ran > due { self.due = ran }
        self.ran = now
    }

    /// A moment of the clock in running time.
    subscript(moment: Instant) -> Instant {
        let moment = due.map { min(moment, $0) } ?? moment
        if moment >= standstill.upperBound {
            return moment - .nanoseconds(lostBefore + Self.length(of: standstill))
        }
        return min(moment, standstill.lowerBound) - .nanoseconds(lostBefore)
    }

    private static func length(of span: Range<Instant>) -> Int64 {
        span.isEmpty ? 0 : (span.upperBound - span.lowerBound).nanoseconds
    }
}

extension Ledger {
    /// Notes a turn of the pull loop, and when it will turn again at the latest.
    ///
    /// Before the pulls that ended are recorded.
    package mutating func loopTurns(at now: Instant, next: Instant) {
        running.turn(at: now, next: next)
    }

    /// Notes that this process runs at a moment, whatever its loop does.
    package mutating func processRuns(at now: Instant) {
        running.processRuns(at: now)
    }

    /// Takes what `processRuns(at:)` noted in a copy of this ledger.
    package mutating func takeRunningTime(from copy: Ledger) {
        running = copy.running
    }

    /// A moment of the clock in running time, in which all moments of the ledger are.
    package func runningTime(at moment: Instant) -> Instant {
        running[moment]
    }
}

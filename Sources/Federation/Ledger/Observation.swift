package import Timing

/// What one pull came to, good or failed: both are data.
package struct Observation: Sendable {
    /// Who was pulled.
    package var index: Peer.Index
    /// When the pull ended, by our monotonic clock; everything is decided by it.
    package var received: Instant
    /// Our wall clock at that moment, in Unix seconds; only ever shown.
    package var wall: Double
    package var timings: Timings
    package var outcome: Result<Summary, Failure>

    package init(
        index: Peer.Index,
        received: Instant,
        wall: Double,
        timings: Timings,
        outcome: Result<Summary, Failure>
    ) {
        self.index = index
        self.received = received
        self.wall = wall
        self.timings = timings
        self.outcome = outcome
    }
}

extension Failure: Error {}

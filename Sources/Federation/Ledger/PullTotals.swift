/// The pulls of all peers since the start, including removed peers.
///
/// Pulls that this process answered itself are not counted.
package struct PullTotals: Sendable {
    package private(set) var successes = 0
    package private(set) var errors = 0
    /// The wall clock at the latest good pull, in Unix seconds.
    package private(set) var lastSuccess: Double?
    package private(set) var lastError: Double?
    /// Slots that passed without a pull.
    package var missed = 0
    /// The latencies of good pulls, except those that this process delayed.
    package private(set) var latency = Histogram(bounds: Histogram.latencyBounds)

    package init() {}

    mutating func recordSuccess(seconds: Double?, wall: Double) {
        successes += 1
        lastSuccess = wall
        if let seconds { latency.record(seconds) }
    }

    mutating func recordError(wall: Double) {
        errors += 1
        lastError = wall
    }
}

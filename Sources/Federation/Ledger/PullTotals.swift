/// The pulls of all peers since the start; peers that were removed stay counted.
///
/// A pull that this process answered itself is in none of it.
package struct PullTotals: Sendable {
    package private(set) var successes = 0
    package private(set) var errors = 0
    /// Our wall clock at the latest good pull, in Unix seconds.
    package private(set) var lastSuccess: Double?
    package private(set) var lastError: Double?
    /// Pulls that should have been and could not be.
    package var missed = 0
    /// The durations of good pulls, but for those that were held up by this process.
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

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

    mutating func record(_ pull: Observation, by identity: NodeIdentity) {
        switch pull.outcome {
        case .success(let summary) where identity.origin(of: summary) == .itself: break
        case .success:
            successes += 1
            lastSuccess = pull.wall
            if let seconds = pull.timings.latency { latency.record(seconds) }
        case .failure:
            errors += 1
            lastError = pull.wall
        }
    }
}

/// Statistics of the pull loop itself.
package struct Activity: Sendable {
    /// The number of pulls in flight.
    package var inFlight = 0
    /// How many seconds after their slots pulls started.
    package var lateness = Histogram(bounds: Self.latenessBounds)

    /// In seconds, from the latency of a timer to half of a long interval.
    package static let latenessBounds = [
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5,
    ]

    package init() {}
}

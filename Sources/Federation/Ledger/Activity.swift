/// How the loop itself is doing.
package struct Activity: Sendable {
    /// Pulls under way.
    package var inFlight = 0
    /// By how many seconds pulls started after their slot.
    package var lateness = Histogram(bounds: Self.latenessBounds)

    /// In seconds: from what a timer costs to half of a long interval.
    package static let latenessBounds = [
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5,
    ]

    package init() {}
}

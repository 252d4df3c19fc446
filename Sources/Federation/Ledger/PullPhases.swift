/// The timings of one pull in ten bytes, for the plots of recent pulls.
///
/// Numbers of half precision: exact to a thousandth, at most 18 hours. All are 0 if unknown.
package struct PullPhases: Hashable, Sendable {
    // When each part was complete, in seconds from the start, as in `Timings`.
    private var dns: Float16 = 0
    private var connect: Float16 = 0
    private var tls: Float16 = 0
    private var firstByte: Float16 = 0
    private var end: Float16 = 0

    init() {}

    init(_ timings: Timings) {
        dns = Float16(timings.dns)
        connect = Float16(timings.connect)
        tls = Float16(timings.tls)
        firstByte = Float16(timings.firstByte)
        end = Float16(timings.total)
    }

    /// The duration of the pull in seconds; nil if unknown.
    package var total: Double? { end > 0 && end.isFinite ? Double(end) : nil }

    /// The seconds spent in each stage, in the order of `PullStage.allCases`; 0 for a skipped one.
    ///
    /// The rest after the last complete stage belongs to `last`, the stage in which a pull failed.
    package func durations(endingIn last: PullStage = .body) -> [Double] {
        var durations = Array(repeating: 0.0, count: PullStage.allCases.count)
        var before: Float16 = 0
        for (index, done) in [dns, connect, tls, firstByte].enumerated() where done > before {
            durations[index] = Double(done) - Double(before)
            before = done
        }
        let place = PullStage.allCases.firstIndex(of: last) ?? durations.count - 1
        durations[place] += max(0, Double(end) - Double(before))
        return durations
    }
}

package import Timing

/// Converts times between this run, in running time, and the saved state, in Unix seconds.
///
/// Running time does not survive a restart. A restart counts as a standstill: a gap of at most
/// `longestGap` does not make observations older. After a longer gap they have their real age.
package struct SavedTime: Sendable {
    /// In seconds: a minute for the restart, and a minute for the time since the last save.
    package static let longestGap = 120.0

    /// Running time, and the Unix time in seconds at that moment.
    private let now: Instant
    private let wall: Double
    /// Unix seconds of the moment at which running time continues; `wall` without a gap.
    private let resumed: Double

    /// Without a gap: to save, or to restore in the process that saved.
    package init(now: Instant, wall: Double) {
        self.init(now: now, wall: wall, savedAt: wall)
    }

    /// To restore what was saved at `savedAt`, in Unix seconds.
    package init(now: Instant, wall: Double, savedAt: Double) {
        (self.now, self.wall) = (now, wall)
        resumed = (0...Self.longestGap).contains(wall - savedAt) ? savedAt : wall
    }

    /// The Unix time of a moment of running time, in seconds; exact to a microsecond for a century.
    package func unixTime(of moment: Instant) -> Double {
        resumed + (Double(moment.nanoseconds) / 1e9 - Double(now.nanoseconds) / 1e9)
    }

    /// The moment of a Unix time; nil for a time in the future, which occurs if the clock was set
    /// back.
    ///
    /// A time of more than a century ago is `Instant.distantPast`, so that ages can be computed.
    package func moment(at unixTime: Double) -> Instant? { moment(at: unixTime, before: resumed) }

    /// Like `moment(at:)`, for a time whose age includes the gap.
    func momentBeforeGap(at unixTime: Double) -> Instant? { moment(at: unixTime, before: wall) }

    private func moment(at unixTime: Double, before end: Double) -> Instant? {
        guard unixTime.isFinite, unixTime <= wall else { return nil }
        let age = max(0, end - unixTime)
        guard age < Self.longestAge else { return .distantPast }
        return Instant(nanoseconds: Int64(Double(now.nanoseconds) - age * 1e9))
    }

    /// A century in seconds.
    private static let longestAge = 100 * 365 * 86_400.0

    /// Whether a Unix time is at most `span` ago by the wall clock, gap included.
    package func isWithin(_ span: Duration, _ unixTime: Double) -> Bool {
        unixTime <= wall && wall - unixTime <= span.inSeconds
    }
}

extension ByteReader {
    /// A Unix time or none; nil also for one in the future.
    mutating func optionalMoment(by time: SavedTime) throws(SavedRowFault) -> Instant? {
        try optional { row throws(SavedRowFault) in try row.double() }.flatMap(time.moment(at:))
    }
}

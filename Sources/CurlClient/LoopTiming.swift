internal import Timing

/// How often the loop wakes up, and how late it may be.
enum LoopTiming {
    /// How late the loop may be before a fetch that times out after `timeout` is no longer blamed
    /// on its server: 50 ms, or a tenth of a shorter timeout.
    ///
    /// A smaller tolerance would excuse dead servers on a busy machine. A larger one would blame
    /// healthy servers for pauses of this process.
    static func toleratedLateness(timeout: Duration) -> Duration {
        min(.milliseconds(50), timeout.divided(by: 10))
    }

    /// How late the loop may be before the duration of a fetch no longer counts as the latency of
    /// its server.
    ///
    /// A busy scheduler delays a thread by 1 or 2 ms now and then, and such a machine must still
    /// measure. 5 ms is also the first bound of the latency histogram.
    static let latenessInLatency = Duration.milliseconds(5)

    /// How long after the deadline libcurl may still end a fetch itself.
    static let graceAfterDeadline = Duration.milliseconds(2)

    /// The longest wait of the loop while a fetch is in flight; a tenth of a shorter timeout.
    ///
    /// A pause of this length goes unnoticed, because the loop would have waited anyway. Together
    /// with `latenessInLatency`, every pause of 15 ms is noticed.
    static let longestHeartbeat = Duration.milliseconds(10)

    /// The longest wait of the loop while nothing is in flight.
    static let idleWait = Duration.seconds(1)
}

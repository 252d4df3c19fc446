/// How often the loop wakes up, and how late it may be.
enum LoopTiming {
    /// How late the loop may be, in nanoseconds, before a fetch that times out after `timeout`
    /// is no longer blamed on its server: 50 ms, or a tenth of a shorter timeout.
    ///
    /// A smaller tolerance would excuse dead servers on a busy machine. A larger one would blame
    /// healthy servers for pauses of this process.
    static func toleratedLateness(timeout: Int64) -> Int64 { min(50_000_000, timeout / 10) }

    /// How late the loop may be, in nanoseconds, before the duration of a fetch no longer counts as
    /// its server's latency.
    ///
    /// A busy scheduler now and then delays a thread by 1 or 2 ms, and such a machine must still
    /// measure. 5 ms is also the first bucket of the latency histogram.
    static let latenessInLatency: Int64 = 5_000_000

    /// How long after the deadline libcurl may still end a fetch itself, in nanoseconds.
    static let graceAfterDeadline: Int64 = 2_000_000

    /// The longest wait of the loop while a fetch with this timeout is in flight, in nanoseconds.
    ///
    /// A pause of this length goes unnoticed, because the loop would have waited anyway. Together
    /// with `latenessInLatency`, every pause of 15 ms is noticed.
    static func heartbeat(timeout: Int64) -> Int64 { min(10_000_000, timeout / 10) }

    /// The longest wait of the loop while nothing is in flight, in nanoseconds.
    static let rest: Int64 = 1_000_000_000
}

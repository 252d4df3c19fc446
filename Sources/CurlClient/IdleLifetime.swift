/// How long an idle connection of one key lasts, learned from those that ended.
///
/// One end proves nothing: servers restart. Two in a row after about the same time do.
struct IdleLifetime {
    /// How long what was learned holds: an hour, in nanoseconds.
    ///
    /// Then it is tried again, because what closed the connections may be gone.
    static let memory: Int64 = 3_600_000_000_000

    /// After how long the last one ended, in nanoseconds.
    private var shown: Int64 = .max
    /// How many in a row ended after about that time.
    private var count = 0
    private var learned: Int64 = 0

    /// How far below `time` a connection is still safe to use: the request needs its way, and the
    /// other side began to count before us.
    static func safe(_ time: Int64) -> Int64 {
        time - margin(of: time)
    }

    private static func margin(of time: Int64) -> Int64 {
        min(1_000_000_000, time / 4)
    }

    /// A connection ended after it had idled for so long, or was found to be dead.
    mutating func ended(after idle: Int64, at now: Int64) {
        let isSame = count > 0 && abs(idle - shown) <= Self.margin(of: shown)
        shown = isSame ? min(shown, idle) : idle
        count = isSame ? min(count + 1, 2) : 1
        learned = now
    }

    /// A connection was of use after it had idled for so long.
    mutating func lasted(_ idle: Int64) {
        if count > 0, idle >= Self.safe(shown) { count = 0 }
    }

    /// How long a connection may idle and be used; `.max` if nothing is known.
    func limit(at now: Int64) -> Int64 {
        count >= 2 && now - learned < Self.memory ? Self.safe(shown) : .max
    }
}

/// What is known of the connections that a key keeps.
struct KeptConnection {
    /// The socket of the last one; it rests, is in use, or is closed.
    var socket: Int32 = -1
    var life = IdleLifetime()
    /// Whether the last response on a kept connection came in the second half of its time.
    var isSlow = false
}

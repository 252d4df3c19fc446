internal import Timing

/// How long idle connections of one key live, learned from those that ended.
///
/// One connection that ended proves nothing, because servers restart. Two in a row that ended after
/// about the same time show a limit.
struct IdleLifetime {
    /// How long a learned limit is used.
    ///
    /// Then it is tested again, because the middlebox that closed the connections may be gone.
    static let memory = Duration.seconds(3600)

    /// The idle time of the connection that ended last; nil before the first.
    private var shown: Duration?
    /// How many connections in a row ended after about that time, at most 2.
    private var count = 0
    private var learned = Instant.distantPast

    /// The longest time for which a connection with this lifetime is safe to use.
    ///
    /// The margin covers the transit time of the request, and that the server started its timer
    /// before the client did.
    static func safe(_ lifetime: Duration) -> Duration {
        lifetime - margin(of: lifetime)
    }

    private static func margin(of lifetime: Duration) -> Duration {
        min(.seconds(1), lifetime.divided(by: 4))
    }

    /// Records that a connection ended, or was found dead, after it had idled for `idle`.
    mutating func ended(after idle: Duration, at now: Instant) {
        if let last = shown, count > 0,
            max(idle, last) - min(idle, last) <= Self.margin(of: last)
        {
            shown = min(last, idle)
            count = 2
        } else {
            shown = idle
            count = 1
        }
        learned = now
    }

    /// Records that a connection still worked after it had idled for `idle`.
    mutating func lasted(_ idle: Duration) {
        if let shown, count > 0, idle >= Self.safe(shown) { count = 0 }
    }

    /// How long a connection may idle and still be used; nil without a known limit.
    func limit(at now: Instant) -> Duration? {
        guard let shown, count >= 2, now - learned < Self.memory else { return nil }
        return Self.safe(shown)
    }
}

/// What is known about the connections of one key.
struct KeptConnection {
    /// The socket of the latest one, which may be idle, in use or closed.
    var socket: Int32 = -1
    var lifetime = IdleLifetime()
    /// Whether the latest response on a kept connection came in the second half of the timeout.
    var isSlow = false
}

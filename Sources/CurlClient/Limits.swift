/// The bounds and the identity of a client; every one of them is a decision of the caller.
package struct Limits: Hashable, Sendable {
    /// The largest body, counted as it arrives.
    package var bodyBytes: Int
    /// The largest header block of one answer, 1xx included, counted as it arrives.
    package var headerBytes: Int
    /// GETs with a key below this keep their connection; the others connect afresh each time.
    package var keptConnections: Int
    /// How long a kept connection may idle and still be used.
    package var idleTime: Duration
    /// How old a connection to a name may become, in whole seconds: libcurl knows connections by
    /// name, so one that is kept would go on to an address that the name no longer has.
    package var namedConnectionLife = Duration.seconds(60)
    /// The file of certificates to trust, PEM, which is read once; nil trusts the system's bundle.
    package var caFile: String?
    package var userAgent: String
    package var accept: String

    package init(
        bodyBytes: Int,
        headerBytes: Int,
        keptConnections: Int,
        idleTime: Duration,
        caFile: String?,
        userAgent: String,
        accept: String
    ) {
        self.bodyBytes = bodyBytes
        self.headerBytes = headerBytes
        self.keptConnections = keptConnections
        self.idleTime = idleTime
        self.caFile = caFile
        self.userAgent = userAgent
        self.accept = accept
    }

    /// What is wrong with a larger body.
    var bodyTooLarge: String { "body larger than \(bodyBytes) bytes" }
    /// What is wrong with a larger header block.
    var headersTooLarge: String { "headers larger than \(headerBytes) bytes" }

    /// By how many nanoseconds the loop may be late; from then on a GET that times out
    /// after `timeout` is not held against its server: 50 ms, or a tenth of the timeout.
    ///
    /// Less would excuse dead servers on a busy machine, more would blame good ones for our pauses.
    static func toleratedLateness(timeout: Int64) -> Int64 { min(50_000_000, timeout / 10) }

    /// By how many nanoseconds the loop may be late for the duration of a GET to be the latency of
    /// its server.
    ///
    /// Above what the scheduler of a machine with work to do costs now and then, a ms or two, so
    /// that such a machine still measures; and as small as the first bucket of the latencies shown.
    static let latenessInLatency: Int64 = 5_000_000

    /// After how many seconds of idleness the system probes a connection.
    ///
    /// Firewalls and address translators forget an idle connection after a minute at the earliest,
    /// as a rule; a probe is traffic that keeps it known to them.
    static let keepAliveIdle = 20

    /// How many seconds after an unanswered probe the next one is sent.
    static let keepAliveInterval = 5

    /// How long libcurl is given to end a GET itself once its time is up, in nanoseconds.
    static let graceAfterDeadline: Int64 = 2_000_000

    /// How many addresses of one name are looked at.
    static let addressesPerName = 32

    /// How many addresses of each family are tried within one GET: with more, the time for each
    /// would be too short for a connection around the world.
    static let connectAttempts = 4

    /// How many milliseconds the first address of an attempt has before the one of the other family
    /// is tried beside it; RFC 8305 recommends 250, libcurl's default is 200.
    static let longestHeadStart = 200

    /// How many nanoseconds a name server takes at most to say that it will not answer.
    ///
    /// The resolver waits 5 s for one that says nothing, and asks it twice.
    static let refusalTime: Int64 = 1_000_000_000

    /// How long the loop waits at most while a GET with this timeout is under way, in nanoseconds.
    ///
    /// Up to so much of a pause goes unnoticed, since the loop would have waited anyway: with
    /// `latenessInLatency`, every pause of 15 ms is noticed.
    static func heartbeat(timeout: Int64) -> Int64 { min(10_000_000, timeout / 10) }

    /// How long the loop waits when it expects nothing.
    static let rest: Int64 = 1_000_000_000
}

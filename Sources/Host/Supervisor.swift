internal import Glibc
internal import JSON
internal import Synchronization
package import Timing

/// Who started this process and wants to know how it is: systemd, by the protocol of sd_notify(3).
///
///     starting ──ready──▶ running ──stopping──▶ stopping
///
/// Does nothing if nobody listens. From any thread. What begins or ends a phase waits for room, a
/// second at most; a status or a beat that cannot be sent at once is lost, and another follows.
package final class Supervisor: Sendable {
    private enum Phase: Int {
        case starting
        case running
        case stopping
    }

    /// The datagram socket of NOTIFY_SOCKET; nil if there is none.
    private let socket: NotifySocket?
    /// Within which time the watchdog wants to hear of us; nil if nobody watches.
    package let watchdog: Duration?
    /// When the watchdog last heard of us, in nanoseconds.
    private let lastBeat = Atomic<Int64>(.min)
    private let phase = Atomic(Phase.starting.rawValue)

    /// Reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID.
    package init(environment: [String: String]) {
        socket = environment["NOTIFY_SOCKET"].flatMap { NotifySocket(address: $0) }
        let isForUs = environment["WATCHDOG_PID"].map { $0 == String(getpid()) } ?? true
        let microseconds = environment["WATCHDOG_USEC"].flatMap { Int64($0) } ?? 0
        watchdog =
            socket != nil && isForUs && microseconds > 0 ? .microseconds(microseconds) : nil
    }

    /// The start is done.
    package func ready() {
        let (starting, running) = (Phase.starting.rawValue, Phase.running.rawValue)
        let was = phase.compareExchange(
            expected: starting,
            desired: running,
            ordering: .relaxed
        )
        if was.exchanged { socket?.send(["READY": "1"], mayWait: true) }
    }

    /// A reload begins; one before the start is done is part of that.
    package func reloading() {
        guard isIn(.running) else { return }
        let microseconds = SystemClock.monotonicMicroseconds
        socket?.send(["RELOADING": "1", "MONOTONIC_USEC": "\(microseconds)"], mayWait: true)
    }

    /// A reload is done.
    package func reloaded() {
        if isIn(.running) { socket?.send(["READY": "1"], mayWait: true) }
    }

    /// The end begins, and this is the last that is told.
    package func stopping(_ status: String) {
        phase.store(Phase.stopping.rawValue, ordering: .relaxed)
        socket?.send(["STOPPING": "1", "STATUS": status], mayWait: true)
    }

    /// A text for `systemctl status`.
    package func tell(_ status: String) {
        if !isIn(.stopping) { socket?.send(["STATUS": status], mayWait: false) }
    }

    private func isIn(_ phase: Phase) -> Bool {
        self.phase.load(ordering: .relaxed) == phase.rawValue
    }

    /// The pull loop turns: the watchdog hears of it four times in its time, however often it does.
    package func beat(at now: Instant) {
        guard let watchdog else { return }
        let last = lastBeat.load(ordering: .relaxed)
        guard last == .min || now.nanoseconds - last >= watchdog.nanoseconds / 4 else { return }
        lastBeat.store(now.nanoseconds, ordering: .relaxed)
        socket?.send(["WATCHDOG": "1"], mayWait: false)
    }
}

/// A datagram socket of the Unix domain to one address, by unix(7).
private final class NotifySocket: Sendable {
    /// The most scalars of a value, at most 4,000 bytes if all are escaped.
    ///
    /// systemd ignores a message of more than 4,096 bytes.
    private static let maximumValue = 400

    private let descriptor: Int32
    private let path: [UInt8]

    /// Opens one to a path, or to an abstract address, which begins with `@`; else nil.
    init?(address: String) {
        var path = Array(address.utf8)
        guard path.first == UInt8(ascii: "/") || path.first == UInt8(ascii: "@"),
            path.count < MemoryLayout.size(ofValue: sockaddr_un().sun_path)
        else { return nil }
        if path[0] == UInt8(ascii: "@") { path[0] = 0 }
        self.path = path
        descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        var limit = timeval(tv_sec: 1, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
    }

    deinit {
        close(descriptor)
    }

    /// Sends a line for each field; a line feed in a value would begin a field of its own.
    func send(_ fields: KeyValuePairs<String, String>, mayWait: Bool) {
        let message =
            fields.map { key, value in
                let start = value.unicodeScalars.prefix(Self.maximumValue)
                return "\(key)=\(String(String.UnicodeScalarView(start)).visible)"
            }
            .joined(separator: "\n")
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path) }
        // A path ends with a zero, an abstract address with its length.
        let length = MemoryLayout<sa_family_t>.size + path.count + (path[0] == 0 ? 0 : 1)
        let bytes = Array(message.utf8)
        _ = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe sendto(
                    descriptor,
                    bytes,
                    bytes.count,
                    Int32(MSG_NOSIGNAL | (mayWait ? 0 : MSG_DONTWAIT)),
                    $0,
                    socklen_t(length)
                )
            }
        }
    }
}

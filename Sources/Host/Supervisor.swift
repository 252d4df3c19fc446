internal import Glibc
internal import JSON
internal import Synchronization
package import Timing

/// Notifies systemd of the state of this process, by the protocol of sd_notify(3).
///
///     starting ──ready──▶ running ──stopping──▶ stopping
///
/// Does nothing without NOTIFY_SOCKET. From any thread. A change of phase waits for room in the
/// socket for at most a second. A status or a watchdog message is dropped if there is no room.
package final class Supervisor: Sendable {
    private enum ServicePhase: Int, AtomicRepresentable {
        case starting
        case running
        case stopping
    }

    /// nil without NOTIFY_SOCKET.
    private let socket: NotifySocket?
    /// The interval within which systemd expects a watchdog message; nil without a watchdog.
    package let watchdog: Duration?
    /// The time of the last watchdog message in nanoseconds.
    private let lastBeat = Atomic<Int64>(.min)
    private let phase = Atomic(ServicePhase.starting)

    /// Reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID.
    package init(environment: [String: String]) {
        socket = environment["NOTIFY_SOCKET"].flatMap { NotifySocket(address: $0) }
        let isForUs = environment["WATCHDOG_PID"].map { $0 == String(getpid()) } ?? true
        let microseconds = environment["WATCHDOG_USEC"].flatMap { Int64($0) } ?? 0
        watchdog =
            socket != nil && isForUs && microseconds > 0 ? .microseconds(microseconds) : nil
    }

    /// Startup has finished.
    package func ready() {
        let was = phase.compareExchange(expected: .starting, desired: .running, ordering: .relaxed)
        if was.exchanged { socket?.send(["READY": "1"], mayWait: true) }
    }

    /// A reload begins; before `ready` it is part of startup, and nothing is sent.
    package func reloading() {
        guard isIn(.running) else { return }
        let microseconds = SystemClock.monotonicMicroseconds
        socket?.send(["RELOADING": "1", "MONOTONIC_USEC": "\(microseconds)"], mayWait: true)
    }

    /// A reload has finished.
    package func reloaded() {
        if isIn(.running) { socket?.send(["READY": "1"], mayWait: true) }
    }

    /// Shutdown begins; nothing is sent afterwards.
    package func stopping(_ status: String) {
        phase.store(.stopping, ordering: .relaxed)
        socket?.send(["STOPPING": "1", "STATUS": status], mayWait: true)
    }

    /// Sets the status text of `systemctl status`.
    package func tell(_ status: String) {
        if !isIn(.stopping) { socket?.send(["STATUS": status], mayWait: false) }
    }

    private func isIn(_ phase: ServicePhase) -> Bool {
        self.phase.load(ordering: .relaxed) == phase
    }

    /// The pull loop is alive; sends at most four messages per watchdog interval.
    package func beat(at now: Instant) {
        guard let watchdog else { return }
        let last = lastBeat.load(ordering: .relaxed)
        guard last == .min || now.nanoseconds - last >= watchdog.nanoseconds / 4 else { return }
        lastBeat.store(now.nanoseconds, ordering: .relaxed)
        socket?.send(["WATCHDOG": "1"], mayWait: false)
    }
}

/// A Unix datagram socket to one address: unix(7).
private final class NotifySocket: Sendable {
    /// The maximum length of a value in Unicode scalars: at most 4,000 bytes if all are escaped.
    ///
    /// systemd ignores messages of more than 4,096 bytes.
    private static let maximumValue = 400

    private let descriptor: Int32
    private let path: [UInt8]

    /// Accepts a path, or an abstract address, which begins with `@`.
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

    deinit { close(descriptor) }

    /// Sends one line per field; escapes line feeds in values, which would begin a new field.
    func send(_ fields: KeyValuePairs<String, String>, mayWait: Bool) {
        let lines = fields.map { key, value in
            "\(key)=\(String(value.unicodeScalars.prefix(Self.maximumValue)).visible)"
        }
        let bytes = Array(lines.joined(separator: "\n").utf8)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path) }
        // A path ends with a zero, an abstract address with its length.
        let length = MemoryLayout<sa_family_t>.size + path.count + (path[0] == 0 ? 0 : 1)
        let flags = Int32(MSG_NOSIGNAL | (mayWait ? 0 : MSG_DONTWAIT))
        _ = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe sendto(descriptor, bytes, bytes.count, flags, $0, socklen_t(length))
            }
        }
    }
}

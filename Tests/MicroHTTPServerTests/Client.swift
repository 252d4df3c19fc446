import Glibc

/// A client that sends raw bytes over one TCP connection.
///
/// It never blocks its thread, and waits at most `patience` for anything.
final class Client {
    private let descriptor: CInt
    private var received: [UInt8] = []
    private var isAtEnd = false
    private static let patience: Duration = .seconds(10)

    init(
        port: UInt16,
        isIPv6: Bool = false,
        receiveBuffer: CInt? = nil
    ) throws(ClientError) {
        let family = isIPv6 ? AF_INET6 : AF_INET
        descriptor = socket(family, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        if var receiveBuffer {
            // Before connect(2), or it changes nothing (tcp(7)).
            let size = socklen_t(MemoryLayout<CInt>.size)
            unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, size)
        }
        let status: CInt
        if isIPv6 {
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = port.bigEndian
            address.sin6_addr = in6addr_loopback
            status = unsafe withUnsafeBytes(of: &address) { bytes in
                unsafe Self.connect(descriptor, bytes)
            }
        } else {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
            status = unsafe withUnsafeBytes(of: &address) { bytes in
                unsafe Self.connect(descriptor, bytes)
            }
        }
        guard status == 0 else { throw .refused }
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    }

    deinit { close(descriptor) }

    private static func connect(_ descriptor: CInt, _ address: UnsafeRawBufferPointer) -> CInt {
        guard let start = address.baseAddress else { return -1 }
        return unsafe Glibc.connect(
            descriptor,
            start.assumingMemoryBound(to: sockaddr.self),
            socklen_t(address.count)
        )
    }

    /// Sends everything, or what a server that closes the connection accepts.
    func send(_ text: String) async throws {
        try await send(Array(text.utf8))
    }

    func send(_ bytes: [UInt8]) async throws {
        var rest = bytes[...]
        let deadline = ContinuousClock.now + Self.patience
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { bytes in
                unsafe Glibc.send(
                    descriptor,
                    bytes.baseAddress,
                    bytes.count,
                    CInt(MSG_NOSIGNAL)
                )
            }
            if count > 0 { rest = rest.dropFirst(count) }
            if count < 0 && errno != EAGAIN { return }
            if count < 0 { try await pause(until: deadline) }
        }
    }

    /// Closes the sending side.
    func finishSending() {
        _ = shutdown(descriptor, CInt(SHUT_WR))
    }

    /// The next response; its body has the length of its Content-Length, or is absent after a HEAD.
    func reply(toHead: Bool = false) async throws -> Reply {
        let deadline = ContinuousClock.now + Self.patience
        let separator = Array("\r\n\r\n".utf8)
        while true {
            if let end = received.firstRange(of: separator) {
                let reply = Reply(
                    head: String(decoding: received[..<end.lowerBound], as: UTF8.self)
                )
                let length = toHead ? 0 : reply.length
                if received.count - end.upperBound >= length {
                    let body = received[end.upperBound..<end.upperBound + length]
                    received.removeSubrange(..<(end.upperBound + length))
                    return reply.with(body: String(decoding: body, as: UTF8.self))
                }
            }
            if isAtEnd { throw ClientError.ended }
            try await receive(until: deadline)
        }
    }

    /// Reads at most 64 KiB, and returns how much was read so far.
    func takeSome() throws -> Int {
        try receiveOnce()
        return received.count
    }

    /// Everything until the server closes the connection.
    func remainder() async throws -> String {
        let deadline = ContinuousClock.now + Self.patience
        while !isAtEnd { try await receive(until: deadline) }
        defer { received = [] }
        return String(decoding: received, as: UTF8.self)
    }

    /// Whether nothing arrives for this time, not even the end of the stream.
    func isSilent(for duration: Duration) async throws -> Bool {
        let end = ContinuousClock.now + duration
        while ContinuousClock.now < end, received.isEmpty, !isAtEnd {
            try receiveOnce()
            try await Task.sleep(for: .milliseconds(1))
        }
        return received.isEmpty && !isAtEnd
    }

    private func receive(until deadline: ContinuousClock.Instant) async throws {
        if try !receiveOnce() { try await pause(until: deadline) }
    }

    /// Reads what has arrived; a reset counts as the end.
    @discardableResult
    private func receiveOnce() throws -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65536)
        let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
        if count > 0 { received += buffer[..<count] }
        if count == 0 || (count < 0 && errno != EAGAIN) { isAtEnd = true }
        return count > 0 || isAtEnd
    }

    private func pause(until deadline: ContinuousClock.Instant) async throws {
        guard ContinuousClock.now < deadline else { throw ClientError.nothingCame }
        try await Task.sleep(for: .microseconds(200))
    }
}

enum ClientError: Error {
    case refused
    case ended
    case nothingCame
}

/// A parsed response.
struct Reply {
    var status: Int
    /// By lower-case name.
    var headers: [String: String] = [:]
    var body = ""

    init(head: String) {
        var lines = head.split(separator: "\r\n")[...]
        status = lines.popFirst().flatMap { Int($0.dropFirst(9).prefix(3)) } ?? 0
        for line in lines {
            let parts = line.split(separator: ":", maxSplits: 1)
            headers[parts[0].lowercased()] = parts.last.map { String($0.drop { $0 == " " }) }
        }
    }

    var length: Int { headers["content-length"].flatMap { Int($0) } ?? 0 }
    var closes: Bool { headers["connection"]?.lowercased() == "close" }

    func with(body: String) -> Reply {
        var reply = self
        reply.body = body
        return reply
    }
}

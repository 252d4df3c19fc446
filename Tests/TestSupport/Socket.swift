import Glibc
import Synchronization

/// A TCP socket with blocking calls, each with a deadline; closed when deallocated.
///
/// Any thread may call it. `close` and `reset` end a call that blocks in another thread.
package final class Socket: Sendable {
    private let descriptor: Int32
    private let isOpen = Mutex(true)

    private init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit {
        _ = Glibc.close(descriptor)
    }

    /// A listening socket on `address`; the system chooses the port if `port` is 0.
    package static func listening(
        on address: String,
        port: Int = 0,
        backlog: Int32 = 4096
    ) throws -> Socket {
        unsafe try withSocketAddress(address, port) { socket, target, length in
            var yes: Int32 = 1
            unsafe setsockopt(
                socket.descriptor,
                SOL_SOCKET,
                SO_REUSEADDR,
                &yes,
                socklen_t(MemoryLayout<Int32>.size)
            )
            guard unsafe bind(socket.descriptor, target, length) == 0,
                listen(socket.descriptor, backlog) == 0
            else { throw TestError("Cannot listen on \(address):\(port): \(lastError())") }
            return socket
        }
    }

    /// A socket connected to `address`; throws if the connection is refused.
    package static func connected(to address: String, port: Int) throws -> Socket {
        unsafe try withSocketAddress(address, port) { socket, target, length in
            var yes: Int32 = 1
            unsafe setsockopt(
                socket.descriptor,
                Int32(IPPROTO_TCP),
                TCP_NODELAY,
                &yes,
                socklen_t(MemoryLayout<Int32>.size)
            )
            guard unsafe connect(socket.descriptor, target, length) == 0 else {
                throw TestError("Cannot connect to \(address):\(port): \(lastError())")
            }
            return socket
        }
    }

    /// The local port.
    package var port: Int {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = unsafe getsockname(descriptor, $0, &length)
            }
            // The port is at the same offset for IPv4 and IPv6.
            return unsafe pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                unsafe Int(UInt16(bigEndian: $0.pointee.sin_port))
            }
        }
    }

    /// The next connection, or nil if none came before `deadline` or the socket was closed.
    package func accept(until deadline: ContinuousClock.Instant) -> Socket? {
        guard isReady(POLLIN, until: deadline) else { return nil }
        let accepted = Glibc.accept(descriptor, nil, nil)
        guard accepted >= 0 else { return nil }
        _ = fcntl(accepted, F_SETFD, FD_CLOEXEC)
        return Socket(descriptor: accepted)
    }

    /// Receives up to 64 KiB; empty at the end of the stream, nil at the deadline.
    package func receive(until deadline: ContinuousClock.Instant) -> [UInt8]? {
        guard isReady(POLLIN, until: deadline) else { return isOpen.withLock { $0 } ? nil : [] }
        var buffer = [UInt8](repeating: 0, count: 65536)
        let count = unsafe buffer.withUnsafeMutableBytes {
            unsafe recv(descriptor, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT))
        }
        return Array(buffer.prefix(max(0, count)))
    }

    /// Sends all of `bytes`; false if the connection is closed or the deadline passed.
    @discardableResult
    package func send(
        _ bytes: some Collection<UInt8>,
        until deadline: ContinuousClock.Instant
    ) -> Bool {
        var rest = Array(bytes)[...]
        while !rest.isEmpty {
            guard isReady(POLLOUT, until: deadline) else { return false }
            let count = unsafe rest.withUnsafeBytes {
                unsafe Glibc.send(
                    descriptor,
                    $0.baseAddress,
                    $0.count,
                    Int32(MSG_NOSIGNAL | MSG_DONTWAIT)
                )
            }
            guard count > 0 || errno == EAGAIN else { return false }
            rest = rest.dropFirst(max(0, count))
        }
        return true
    }

    /// Closes the sending direction.
    package func finishSending() {
        _ = shutdown(descriptor, Int32(SHUT_WR))
    }

    /// Shuts down both directions; `deinit` closes the descriptor.
    package func close() {
        isOpen.withLock { $0 = false }
        _ = shutdown(descriptor, Int32(SHUT_RDWR))
    }

    /// Ends the connection with a reset instead of an orderly close.
    package func reset() {
        isOpen.withLock { $0 = false }
        var linger = linger(l_onoff: 1, l_linger: 0)
        unsafe setsockopt(
            descriptor,
            SOL_SOCKET,
            SO_LINGER,
            &linger,
            socklen_t(MemoryLayout<Glibc.linger>.size)
        )
        // Connecting to AF_UNSPEC drops the connection at once without closing the descriptor.
        var nowhere = sockaddr()
        nowhere.sa_family = sa_family_t(AF_UNSPEC)
        _ = unsafe connect(descriptor, &nowhere, socklen_t(MemoryLayout<sockaddr>.size))
    }

    /// Polls in short steps, to notice a `close` by another thread.
    private func isReady(_ event: Int32, until deadline: ContinuousClock.Instant) -> Bool {
        while isOpen.withLock({ $0 }) {
            let left = ContinuousClock.now.duration(to: deadline)
            let milliseconds = max(0, min(50, left / .milliseconds(1)))
            var entry = pollfd(fd: descriptor, events: Int16(event), revents: 0)
            if unsafe poll(&entry, 1, Int32(milliseconds.rounded(.up))) > 0 { return true }
            guard left > .zero else { return false }
        }
        return false
    }

    /// Creates a socket and passes it to `body` with `address` as a `sockaddr`.
    private static func withSocketAddress<Value>(
        _ address: String,
        _ port: Int,
        _ body: (Socket, UnsafePointer<sockaddr>, socklen_t) throws -> Value
    ) throws -> Value {
        var hints = unsafe addrinfo()
        unsafe hints.ai_flags = AI_NUMERICHOST
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard unsafe getaddrinfo(address, String(port), &hints, &found) == 0,
            let info = unsafe found, let target = unsafe info.pointee.ai_addr
        else { throw TestError("'\(address)' is not a numeric address.") }
        defer { unsafe freeaddrinfo(info) }
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = unsafe socket(info.pointee.ai_family, type, 0)
        guard descriptor >= 0 else { throw TestError("Cannot create a socket: \(lastError())") }
        return unsafe try body(
            Socket(descriptor: descriptor),
            UnsafePointer(target),
            info.pointee.ai_addrlen
        )
    }
}

/// A port of `address` that was free a moment ago.
package func freePort(on address: String = "127.0.0.1") throws -> Int {
    try Socket.listening(on: address, backlog: 1).port
}

/// The first of `count` consecutive free ports.
///
/// They are below the ephemeral ports of Linux, which start at 32,768, so that no outgoing
/// connection of another test takes one before it is used.
package func freePorts(inARow count: Int) throws -> Int {
    for _ in 0..<200 {
        let first = Int.random(in: 20_000..<32_000)
        let sockets = (0..<count).map { try? Socket.listening(on: "127.0.0.1", port: first + $0) }
        if sockets.allSatisfy({ $0 != nil }) { return first }
    }
    throw TestError("Found no \(count) consecutive free ports.")
}

/// The text of errno.
func lastError() -> String {
    unsafe String(cString: strerror(errno))
}

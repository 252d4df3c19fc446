/// A keep-alive connection for many requests, one after the other.
///
/// Its calls block the thread.
package struct KeepAliveConnection: Sendable {
    private let socket: Socket
    private let timeout: Duration

    package init(port: Int, timeout: Duration = .seconds(30)) throws {
        socket = try Socket.connected(to: "127.0.0.1", port: port)
        self.timeout = timeout
    }

    /// Sends a request and returns the response; nil unless it is complete in time.
    package func get(_ path: String, method: String = "GET") -> HTTPMessage? {
        guard send(path, method: method) else { return nil }
        return receive(within: timeout, hasBody: method != "HEAD")
    }

    /// Sends a request without waiting for the response.
    package func send(_ path: String, method: String = "GET", accept: String? = nil) -> Bool {
        let fields = "Host: a\r\n" + (accept.map { "Accept: \($0)\r\n" } ?? "")
        let request = "\(method) \(path) HTTP/1.1\r\n\(fields)\r\n"
        return socket.send(Array(request.utf8), until: .now + timeout)
    }

    /// Receives the response to a request that was sent; nil unless it is complete in time.
    package func receive(within limit: Duration, hasBody: Bool = true) -> HTTPMessage? {
        let deadline = ContinuousClock.now + limit
        var bytes: [UInt8] = []
        var total: Int?
        while total.map({ bytes.count < $0 }) ?? true {
            guard let part = socket.receive(until: deadline), !part.isEmpty else { return nil }
            bytes += part
            if total == nil, let end = HTTPMessage.headEnd(bytes), let head = HTTPMessage(bytes) {
                let length = head.header("content-length").flatMap { Int($0) } ?? 0
                total = end + 4 + (hasBody ? length : 0)
            }
        }
        return HTTPMessage(bytes)
    }

    package func close() { socket.close() }
}

/// A small HTTP client that is not the one under test: a connection a request, bounded by time.
package struct HTTPProbe: Sendable {
    package let address: String
    package let port: Int
    /// How long one exchange may take.
    package var limit: Duration

    package init(_ address: String = "127.0.0.1", port: Int, limit: Duration = .seconds(10)) {
        self.address = address
        self.port = port
        self.limit = limit
    }

    /// Asks for `path` and closes; throws if no whole answer came in time.
    package func get(
        _ path: String,
        method: String = "GET",
        headers: [(name: String, value: String)] = []
    ) async throws -> HTTPText {
        var lines = ["\(method) \(path) HTTP/1.1", "Host: \(address):\(port)"]
        lines += headers.map { "\($0.name): \($0.value)" }
        let request = (lines + ["Connection: close", "", ""]).joined(separator: "\r\n")
        let exchange = try await exchange(Array(request.utf8))
        guard exchange.isClosed, let response = HTTPText(exchange.bytes) else {
            throw TestTrouble(
                "\(method) \(path) on port \(port) got no whole answer within \(limit), but "
                    + "\(exchange.bytes.count) bytes."
            )
        }
        return response
    }

    /// Sends `bytes` as they are and collects what comes back until the other end closes or the
    /// limit passes.
    package func exchange(
        _ bytes: [UInt8]
    ) async throws -> (bytes: [UInt8], isClosed: Bool) {
        try await onOwnThread {
            let deadline = ContinuousClock.now + limit
            let socket = try Socket.connected(to: address, port: port)
            defer { socket.close() }
            socket.send(bytes, until: deadline)
            var received: [UInt8] = []
            while let part = socket.receive(until: deadline) {
                if part.isEmpty { return (received, true) }
                received += part
            }
            return (received, false)
        }
    }
}

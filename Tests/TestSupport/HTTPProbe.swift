/// A small HTTP client, independent of the one under test: one connection for each request.
package struct HTTPProbe: Sendable {
    package let address: String
    package let port: Int
    /// The maximum duration of one exchange.
    package let timeout: Duration

    package init(_ address: String = "127.0.0.1", port: Int, timeout: Duration = .seconds(10)) {
        self.address = address
        self.port = port
        self.timeout = timeout
    }

    /// Sends one request; throws unless the response is complete in time.
    package func get(
        _ path: String,
        method: String = "GET",
        headers: [(name: String, value: String)] = []
    ) async throws -> HTTPMessage {
        var lines = ["\(method) \(path) HTTP/1.1", "Host: \(address):\(port)"]
        lines += headers.map { "\($0.name): \($0.value)" }
        let request = (lines + ["Connection: close", "", ""]).joined(separator: "\r\n")
        let exchange = try await exchange(Array(request.utf8))
        guard exchange.isClosed, let response = HTTPMessage(exchange.bytes) else {
            throw TestError(
                "\(method) \(path) on port \(port): no complete response within \(timeout), only "
                    + "\(exchange.bytes.count) bytes."
            )
        }
        return response
    }

    /// Sends `bytes` unchanged and collects the response until the server closes or the timeout
    /// expires.
    package func exchange(
        _ bytes: [UInt8]
    ) async throws -> (bytes: [UInt8], isClosed: Bool) {
        try await onNewThread {
            let deadline = ContinuousClock.now + timeout
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

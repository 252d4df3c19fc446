/// A connection that is kept: many requests, one after the other.
///
/// Its calls block: make them on a thread of their own.
package struct KeptConnection: Sendable {
    private let socket: Socket
    private let limit: Duration

    package init(port: Int, limit: Duration = .seconds(30)) throws {
        socket = try Socket.connected(to: "127.0.0.1", port: port)
        self.limit = limit
    }

    /// Sends a request and returns the answer; nil if none came in time, or only a part of one.
    package func get(_ path: String, method: String = "GET") -> HTTPText? {
        guard send(path, method: method) else { return nil }
        return receive(within: limit, hasBody: method != "HEAD")
    }

    /// Sends a request and does not wait.
    package func send(_ path: String, method: String = "GET", accept: String? = nil) -> Bool {
        let fields = "Host: a\r\n" + (accept.map { "Accept: \($0)\r\n" } ?? "")
        let request = "\(method) \(path) HTTP/1.1\r\n\(fields)\r\n"
        return socket.send(Array(request.utf8), until: .now + limit)
    }

    /// The answer to a request that was sent.
    package func receive(within limit: Duration, hasBody: Bool = true) -> HTTPText? {
        let deadline = ContinuousClock.now + limit
        var bytes: [UInt8] = []
        var total: Int?
        while total.map({ bytes.count < $0 }) ?? true {
            guard let part = socket.receive(until: deadline), !part.isEmpty else { return nil }
            bytes += part
            if total == nil, let end = HTTPText.headEnd(bytes), let head = HTTPText(bytes) {
                let length = head.header("content-length").flatMap { Int($0) } ?? 0
                total = end + 4 + (hasBody ? length : 0)
            }
        }
        return HTTPText(bytes)
    }

    package func close() { socket.close() }
}

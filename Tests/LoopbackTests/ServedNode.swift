import Foundation
import TestSupport
import Testing

/// A real node that a test has started, and how to ask it.
struct ServedNode {
    let process: ChildProcess
    let port: Int

    var probe: HTTPProbe { HTTPProbe(port: port, limit: .seconds(30)) }

    /// A page as text, if it is answered with 200.
    func page(_ path: String, accept: String? = nil) async throws -> String {
        let headers = accept.map { [(name: "Accept", value: $0)] } ?? []
        let answer = try await probe.get(path, headers: headers)
        guard answer.status == 200 else {
            throw TestTrouble("\(path) is answered with \(answer.status): \(answer.text)")
        }
        return answer.text
    }

    /// A page in JSON.
    func json(_ path: String) async throws -> [String: Any] {
        let object = try JSONSerialization.jsonObject(with: Data(try await page(path).utf8))
        guard let object = object as? [String: Any] else {
            throw TestTrouble("\(path) is no JSON object.")
        }
        return object
    }

    /// The values of a metric in a page, by what stands between its name and its value.
    static func series(_ name: String, in text: String) -> [String: Double] {
        var series: [String: Double] = [:]
        for line in text.split(separator: "\n") where line.hasPrefix(name) {
            let rest = line.dropFirst(name.count)
            guard rest.first == " " || rest.first == "{", let end = rest.lastIndex(of: " ") else {
                continue
            }
            series[String(rest[..<end])] = Double(rest[rest.index(after: end)...])
        }
        return series
    }
}

/// Runs a node that federates with `peers` every second while `body` does.
func withNode<Value>(
    peers: [String] = [],
    _ environment: [String: String] = [:],
    isolation: isolated (any Actor)? = #isolation,
    _ body: (ServedNode) async throws -> Value
) async throws -> Value {
    let port = try freePort()
    var all = [
        "FEDERATION_ENABLED": "1", "NOVA_FED_SYNC_ENABLED": peers.isEmpty ? "0" : "1",
        "NOVA_FED_PEERS": peers.joined(separator: ","), "NOVA_FED_SYNC_INTERVAL": "1",
        "NOVA_ENABLE_PROMETHEUS": "1", "NOVA_FED_DRAIN_SEC": "0", "NOVA_NODE_ID": "node-\(port)",
        "FEDERATION_BIND": "127.0.0.1:\(port)", "NOVA_FED_LOG_LEVEL": "warning",
    ]
    all.merge(environment) { $1 }
    return try await withDaemon(environment: all) { process in
        let node = ServedNode(process: process, port: port)
        let isReady = await eventually("the node on port \(port) is ready", within: .seconds(30)) {
            (try? await node.probe.get("/ready").status) == 200
        }
        guard isReady else { throw TestTrouble("The node is not ready. Its log:\n\(process.log)") }
        return try await body(node)
    }
}

/// A connection that is kept: many requests, one after the other.
struct KeptConnection: Sendable {
    private let socket: Socket
    private let limit: Duration

    init(port: Int, limit: Duration = .seconds(30)) throws {
        socket = try Socket.connected(to: "127.0.0.1", port: port)
        self.limit = limit
    }

    /// Sends a request and returns the answer; nil if none came in time, or only a part of one.
    ///
    /// It blocks: call it on a thread of its own.
    func get(_ path: String) -> HTTPText? {
        guard send(path) else { return nil }
        return receive(within: limit)
    }

    /// Sends a request and does not wait.
    func send(_ path: String) -> Bool {
        let request = "GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n"
        return socket.send(Array(request.utf8), until: .now + limit)
    }

    /// The answer to a request that was sent.
    func receive(within limit: Duration) -> HTTPText? {
        let deadline = ContinuousClock.now + limit
        var bytes: [UInt8] = []
        var total: Int?
        while total.map({ bytes.count < $0 }) ?? true {
            guard let part = socket.receive(until: deadline), !part.isEmpty else { return nil }
            bytes += part
            if total == nil, let end = HTTPText.headEnd(bytes), let head = HTTPText(bytes) {
                total = end + 4 + (head.header("content-length").flatMap { Int($0) } ?? 0)
            }
        }
        return HTTPText(bytes)
    }

    func close() { socket.close() }
}

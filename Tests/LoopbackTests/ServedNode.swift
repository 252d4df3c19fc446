import Foundation
import TestSupport
import Testing

/// A real node that a test has started, and its pages.
struct ServedNode {
    let process: ChildProcess
    let port: Int

    var probe: HTTPProbe { HTTPProbe(port: port, timeout: .seconds(30)) }

    /// A page as text; throws unless its status is 200.
    func page(_ path: String, accept: String? = nil) async throws -> String {
        let headers = accept.map { [(name: "Accept", value: $0)] } ?? []
        let answer = try await probe.get(path, headers: headers)
        guard answer.status == 200 else {
            throw TestError("\(path): status \(answer.status): \(answer.text)")
        }
        return answer.text
    }

    /// A page in JSON.
    func json(_ path: String) async throws -> [String: Any] {
        let object = try JSONSerialization.jsonObject(with: Data(try await page(path).utf8))
        guard let object = object as? [String: Any] else {
            throw TestError("\(path) is not a JSON object.")
        }
        return object
    }

    /// The values of a metric in a page, by its labels in braces; the key is empty without labels.
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

/// Runs a node that pulls `peers` every second during `body`.
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
        guard isReady else { throw TestError("The node is not ready. Its log:\n\(process.log)") }
        return try await body(node)
    }
}

import Foundation
import TestSupport
import Testing

/// The examples of the contract, served over real sockets.
@Suite struct DecoderTests {
    /// The bodies of a folder of examples by their names, which start with the reason.
    private static func examples(in folder: String) throws -> [String: [UInt8]] {
        let path = "\(packageRoot)/contracts/examples/\(folder)"
        var bodies: [String: [UInt8]] = [:]
        for file in try FileManager.default.contentsOfDirectory(atPath: path)
        where file.hasSuffix(".json") {
            bodies[String(file.dropLast(".json".count))] = try contents(of: "\(path)/\(file)")
        }
        return bodies
    }

    /// A peer that serves each body below a path of its own.
    private static func peer(serving bodies: [String: [UInt8]]) throws -> ScriptedPeer {
        try ScriptedPeer(
            .answering { request in
                let name = request.path.split(separator: "/").first.map(String.init) ?? ""
                let body = bodies[name] ?? []
                let head = "HTTP/1.1 200 OK\r\nContent-Length: \(body.count)\r\n\r\n"
                return Array(head.utf8) + body
            }
        )
    }

    @Test func `every invalid example gives its reason and every valid one is accepted`()
        async throws
    {
        let invalid = try Self.examples(in: "invalid")
        let valid = try Self.examples(in: "valid")
        #expect(invalid.count > 100)
        #expect(valid.count > 20)
        let peer = try Self.peer(serving: invalid.merging(valid) { $1 })
        defer { peer.stop() }
        let names = invalid.keys.sorted() + valid.keys.sorted()
        // One example is larger than the default limit.
        let settings = ServedNode.shortIntervals(interval: 2, timeout: 2)
            .merging(["NOVA_FED_MAX_BODY": "1048576"]) { $1 }
        let node = try await ServedNode(
            peers: names.map { "\($0)=\(peer.url)/\($0)" },
            settings: settings
        )
        defer { node.process.kill() }
        await eventually("all were pulled twice", within: .seconds(30)) {
            peer.requests.count >= 2 * names.count
        }
        let health = try await node.health()
        for name in invalid.keys {
            let reason = name.prefix { $0 != "." }
            let found = try #require(health.peer(name), "\(name)")
            #expect(found.outcome == "\(reason) in the summary", "\(name): \(found.outcome)")
            #expect(found.lastFailure?.errorType == "validation_error", "\(name)")
            // Short, because it never repeats what the peer sent.
            let detail = found.lastFailure?.detail ?? ""
            #expect(!detail.isEmpty && detail.utf8.count <= 200, "\(name): \(detail)")
        }
        for name in valid.keys {
            let found = try #require(health.peer(name), "\(name)")
            #expect(found.outcome == "up", "\(name): \(found.outcome)")
        }
        #expect(try await node.stop() == .exit(0))
    }
}

import Foundation
import TestSupport
import Testing

/// The tables of fields in contracts/http.md agree with the pages of a real node.
@Suite struct EndpointFieldTests {
    /// The rows `| field | type | meaning |` of one section, as type by field.
    private static func table(of path: String) throws -> [String: String] {
        let text = try String(contentsOfFile: "\(packageRoot)/contracts/http.md", encoding: .utf8)
        let sections = text.components(separatedBy: "\n## ")
        let section = try #require(sections.first { $0.hasPrefix("`\(path)`") })
        var rows: [String: String] = [:]
        for line in section.split(separator: "\n") {
            guard let row = line.wholeMatch(of: /\| ([a-z0-9_.\[\]]+) \| ([a-z ]+) \| .+ \|/)
            else { continue }
            guard row.output.1 != "field" else { continue }
            #expect(rows[String(row.output.1)] == nil, "\(row.output.1) is listed twice")
            rows[String(row.output.1)] = String(row.output.2)
        }
        return rows
    }

    /// The types of the values of each field of a page; `peers[].id` is a field.
    private static func fields(_ value: Any, _ path: String = "") -> [String: Set<String>] {
        var found: [String: Set<String>] = [:]
        func add(_ value: Any, _ path: String) {
            found.merge(fields(value, path)) { $0.union($1) }
        }
        switch value {
        case let object as [String: Any]:
            if !path.isEmpty, !path.hasSuffix("[]") { found[path] = ["object"] }
            for (key, member) in object { add(member, path.isEmpty ? key : "\(path).\(key)") }
        case let list as [Any] where list.isEmpty: found[path] = []
        case let list as [[String: Any]]:
            for element in list { add(element, "\(path)[]") }
        case is [String]: found[path] = ["list of strings"]
        case is [Double]: found[path] = ["list of numbers"]
        case is NSNull: found[path] = ["null"]
        case is String: found[path] = ["string"]
        case let number as NSNumber: found[path] = [isBoolean(number) ? "boolean" : "number"]
        default: found[path] = ["unknown"]
        }
        return found
    }

    private static func isBoolean(_ number: NSNumber) -> Bool {
        unsafe String(cString: number.objCType) == "c"
    }

    private static func expectTable(_ path: String, is pages: [[String: Any]]) throws {
        let table = try table(of: path)
        var live: [String: Set<String>] = [:]
        for page in pages { live.merge(fields(page)) { $0.union($1) } }
        #expect(Set(live.keys).subtracting(table.keys) == [], "in the page and not in the table")
        #expect(Set(table.keys).subtracting(live.keys) == [], "in the table and not in the page")
        for (field, kinds) in live {
            let allowed = Set((table[field] ?? "").components(separatedBy: " or "))
            #expect(kinds.subtracting(allowed) == [], "\(field) is \(kinds), not \(allowed)")
            if allowed.contains("null") {
                #expect(kinds.contains("null"), "\(field) is never null")
            }
        }
    }

    @Test func `the health page has exactly the fields of its table`() async throws {
        let good = try ScriptedPeer(.summary(nodeID: "good"))
        let bad = try ScriptedPeer(.answer(response(500, body: "no")))
        let odd = try ScriptedPeer(.answer(response(body: "[]")))
        let peers = [
            good.url, bad.url, odd.url, "named=http://localhost:\(good.port)",
            "gone=http://127.0.0.1:\(try freePort())",
        ]
        try await withNode(peers: peers) { node in
            await eventually("each peer was pulled") {
                let text = try? await node.page("/metrics")
                return ServedNode.series("nova_federation_peer_up", in: text ?? "").count == 5
            }
            let sourceless = ["NOVA_FED_LOCAL_SOURCE": "file:/nowhere/source.json"]
            let other = try await withNode(peers: peers, sourceless) { other in
                try await other.json("/federation/health")
            }
            let page = try await node.json("/federation/health")
            try Self.expectTable("/federation/health", is: [page, other])
        }
    }

    @Test func `the wisdom page has exactly the fields of its table`() async throws {
        let sourceless = ["NOVA_FED_LOCAL_SOURCE": "file:/nowhere/source.json"]
        let peer = try ScriptedPeer(.summary(nodeID: "peer"))
        try await withNode(peers: [peer.url], restingEta) { node in
            try await withNode(
                peers: [peer.url],
                sourceless.merging(restingEta) { $1 }
            ) { other in
                for one in [node, other] {
                    await eventually("a tick sees the peer") {
                        (try? await one.wisdom().influence.count) == 1
                    }
                }
                try Self.expectTable(
                    "/federation/wisdom",
                    is: [
                        try await node.json("/federation/wisdom"),
                        try await other.json("/federation/wisdom"),
                    ]
                )
            }
        }
    }

    @Test func `the targets page has exactly the fields of its table`() async throws {
        let peer = try ScriptedPeer(.summary(nodeID: "peer"))
        try await withNode(peers: [peer.url]) { node in
            let page = Data(try await node.page("/federation/sd").utf8)
            let targets = try JSONSerialization.jsonObject(with: page) as? [[String: Any]]
            #expect(targets?.count == 2)
            try Self.expectTable("/federation/sd", is: try #require(targets))
        }
    }

    /// The example of a page in the contract.
    private static func example(of path: String) throws -> [String: Any] {
        let text = try String(contentsOfFile: "\(packageRoot)/contracts/http.md", encoding: .utf8)
        let section = try #require(
            text.components(separatedBy: "\n## ").first { $0.hasPrefix("`\(path)`") }
        )
        let example = section.split(separator: "\n").filter { $0.hasPrefix("    ") }
            .joined(separator: " ")
        let object = try JSONSerialization.jsonObject(with: Data(example.utf8))
        return try #require(object as? [String: Any])
    }

    @Test func `the examples in the contract have the fields of their tables`() throws {
        for path in ["/federation/health", "/federation/wisdom"] {
            let found = Self.fields(try Self.example(of: path))
            #expect(Set(found.keys) == Set(try Self.table(of: path).keys), "\(path)")
        }
    }

    @Test func `the numbers in the health example follow from its list of peers`() throws {
        let health = try Self.example(of: "/federation/health")
        let peers = try #require(health["peers"] as? [[String: Any]])
        let sync = try #require(health["peer_sync"] as? [String: Any])
        let live = peers.filter { $0["live"] as? Bool == true }
        #expect(sync["configured"] as? Int == peers.count)
        #expect(sync["peer_count"] as? Int == live.count)
        #expect(health["ready"] as? Bool == !live.isEmpty)
        let context = live.count < 2 ? "solo" : "federated"
        #expect(health["context"] as? String == context && sync["context"] as? String == context)
        let novelty = Self.novelty(of: live.compactMap { $0["g_star"] as? Double })
        #expect(health["novelty"] as? Double == novelty && sync["novelty"] as? Double == novelty)
        let source = try #require(health["source"] as? [String: Any])
        #expect(source["g_star_capped"] as? Bool == (live.count < 2))
        for peer in peers {
            let number = { (name: String) in peer[name] as? Double ?? 0 }
            // With the default weights, cap and tau.
            let quality =
                0.5 * number("success_rate") + 0.3 * number("latency_score")
                + 0.2 * number("freshness")
            #expect(abs(number("quality") - quality) < 5e-5)
            // On a busy machine a peer may have no latency.
            guard peer["age"] is Double, peer["p95"] is Double else { continue }
            #expect(abs(number("latency_score") - (1 - number("p95") / 2)) < 5e-5)
            #expect(abs(number("freshness") - exp(-number("age") / 300)) < 5e-5)
        }
    }

    @Test func `the numbers in the wisdom example follow from each other`() throws {
        let wisdom = try Self.example(of: "/federation/wisdom")
        let number = { (name: String) throws in try #require(wisdom[name] as? Double) }
        let gStars = try #require(wisdom["peer_gstars"] as? [Double])
        #expect(abs(try number("novelty") - Self.novelty(of: gStars)) < 1e-9)
        #expect(abs(try number("bias") - 0.02 * (number("g_star") - number("g0"))) < 1e-9)
        // The smaller of eta and of the margin of the oscillating modes, which is H.
        let margin = min(try number("eta"), try number("hopf_distance"))
        #expect(try number("stability_margin") == margin)
    }

    /// The population standard deviation over 0.5.
    private static func novelty(of gStars: [Double]) -> Double {
        guard gStars.count > 1 else { return 0 }
        let mean = gStars.reduce(0, +) / Double(gStars.count)
        let variance = gStars.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(gStars.count)
        return variance.squareRoot() / 0.5
    }
}

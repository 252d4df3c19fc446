import Federation
import Foundation
import JSON
import TestSupport
import Testing

@testable import Pages

/// The JSON at /federation/sd as a function of a status and the Host header.
struct TargetsPageTests {
    /// A target as Prometheus reads it.
    private struct Target: Decodable {
        let targets: [String]
        let labels: [String: String]
    }

    /// The page of a node with these peers after these pulls.
    private static func page(
        _ peers: String,
        pulls: [PageSpecimen.Pulled] = [],
        host: String? = nil,
        reachedAt: String? = nil
    ) throws -> String {
        let status = try PageSpecimen.with { specimen in
            specimen.environment["NOVA_FED_PEERS"] = peers
            specimen.pulls = pulls
        }
        return HealthPageTests.text(
            status.targetsPage(host: host, reachedAt: reachedAt)
        )
    }

    private static func targets(_ page: String) throws -> [Target] {
        try JSONDecoder().decode([Target].self, from: Data(page.utf8))
    }

    /// The URL, the instance and the peer of each target.
    private static func instances(_ page: String) throws -> [String] {
        try targets(page)
            .map { target in
                let label = { target.labels[$0] ?? "" }
                #expect(target.targets.count == 1)
                return "\(label("__scheme__"))://\(target.targets[0])\(label("__metrics_path__"))"
                    + " \(label("instance")) \(label("__meta_nova_federation_peer"))"
            }
    }

    @Test
    func `the targets page equals its fixture`() throws {
        let status = try PageSpecimen().status()
        let json = status.targetsPage(host: "10.0.0.99:8100")
        try expectFixture("targets.json.txt", HealthPageTests.lines(json))
    }

    @Test
    func `the page equals the example in the contract`() throws {
        let contract = try String(
            contentsOfFile: "\(packageRoot)/contracts/http.md",
            encoding: .utf8
        )
        let section = try #require(
            contract.components(separatedBy: "\n## ").first { $0.hasPrefix("`/federation/sd`") }
        )
        let example = section.split(separator: "\n").filter { $0.hasPrefix("    ") }
            .map { $0.drop { $0 == " " } }.joined()
        let page = try Self.page(
            "beta=https://nova-b.example/nova,http://10.0.0.3:8100",
            host: "10.0.0.1:8100"
        )
        #expect(example == page)
    }

    @Test
    func `the labels of a target are the parts of its URL`() throws {
        let page = try Self.page(
            "http://10.0.0.1:8100,b=https://B.example,http://[::1]:81/x,c=http://c/a%20b%2Dc"
        )
        #expect(
            try Self.instances(page) == [
                "http://10.0.0.1:8100/metrics 10.0.0.1:8100 10.0.0.1:8100",
                "http://[::1]:81/x/metrics [::1]:81/x [::1]:81/x",
                "https://b.example:443/metrics b.example:443 b",
                "http://c:80/a b-c/metrics c:80/a%20b%2Dc c",
            ]
        )
    }

    @Test
    func `nodes with the same list have the same targets, under any Host`() throws {
        let list = "a=http://10.0.0.1:8100,b=http://10.0.0.2:8100,c=http://10.0.0.3:8100"
        let pages = try ["a", "b", "c"]
            .map { name in
                let pull = PageSpecimen.good(name, 99, "here", instance: "0000000a")
                return try Self.page(list, pulls: [pull], host: "balancer:80")
            }
        #expect(Set(pages).count == 1)
        #expect(try Self.targets(pages[0]).count == 3)
    }

    @Test
    func `nodes that list each other but not themselves have the same targets`() throws {
        let first = try Self.page("http://10.0.0.2:8100", host: "10.0.0.1:8100")
        let second = try Self.page("http://10.0.0.1:8100", host: "10.0.0.2:8100")
        #expect(first == second)
        #expect(try Self.targets(first).count == 2)
    }

    @Test(arguments: [nil, "ffffffff", "0000000a"])
    func `a peer with our node id does not remove our target`(instance: String?) throws {
        // With this node among its own peers, and without.
        for list in ["liar=http://10.0.0.2:81,me=http://10.0.0.1:81", "liar=http://10.0.0.2:81"] {
            let pulls = [
                PageSpecimen.good("me", 98, "here", instance: "0000000a"),
                PageSpecimen.good("liar", 99, "here", instance: instance),
            ]
            if instance == "0000000a", !list.contains("me=") { continue }
            let page = try Self.page(list, pulls: pulls, host: "10.0.0.1:81")
            #expect(try Self.targets(page).contains { $0.targets == ["10.0.0.1:81"] }, "\(list)")
        }
    }

    @Test
    func `each node is listed once`() throws {
        // This node under two URLs, and a peer that the Host names.
        let pulls = ["a", "b"].map { PageSpecimen.good($0, 99, "here", instance: "0000000a") }
        let twice = try Self.page("b=http://10.0.0.1,a=http://10.0.0.2", pulls: pulls, host: "x")
        #expect(try Self.instances(twice).map { $0.suffix(2) } == [" a"])
        let unknown = try Self.page("a=http://10.0.0.1:8100", host: "10.0.0.1:8100")
        #expect(try Self.instances(unknown).map { $0.suffix(2) } == [" a"])
        let schemes = try Self.page("a=http://10.0.0.1:81,b=https://10.0.0.1:81")
        #expect(try Self.instances(schemes).map { $0.suffix(2) } == [" a"])
    }

    static let hosts: [(host: String?, instance: String?)] = [
        (nil, nil), ("", nil), ("nova-a", "nova-a:80"),
        ("Nova-A.Example:8100", "nova-a.example:8100"),
        ("[0:0::1]:8100", "[::1]:8100"), ("10.0.0.1:0", nil), ("10.0.0.1:65536", nil),
        ("10.0.0.1:8100/x", nil), ("a@b:80", nil), ("a b", nil), ("127.1:80", nil), ("::1", nil),
        (#"a","__address__":"b"#, nil), ("\u{202E}", nil),
        (String(repeating: "a", count: 300), nil),
    ]

    @Test(arguments: hosts.indices)
    func `without a valid Host the target is the address that the client reached`(
        index: Int
    ) throws {
        let (host, instance) = Self.hosts[index]
        for reachedAt in [nil, "[::ffff:1]:8100"] {
            let targets = try Self.targets(try Self.page("", host: host, reachedAt: reachedAt))
            let own = instance ?? reachedAt
            #expect(targets.map { $0.labels["instance"] } == (own.map { [$0] } ?? []))
            #expect(targets.flatMap(\.targets) == (own.map { [$0] } ?? []))
        }
    }
}

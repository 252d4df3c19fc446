import Foundation
import Glibc
import TestSupport
import Testing

/// A node whose own network fails, among five peers on other machines.
///
/// `SUSPECT_ROUNDS` and `SUSPECT_SECONDS` set how often and for how long each fault is made.
@Suite struct SuspectTests {
    /// Faults of the network of machine 1.
    enum Fault: String, CaseIterable {
        case linkDown = "link down"
        case routeGone = "route gone"
        case sendingDropped = "packets to the peers dropped"
        case receivingDropped = "packets from the peers dropped"

        func set(_ isSet: Bool, in network: RoutedNetwork) async throws {
            switch self {
            case .linkDown:
                let up = ["ip link set eth0 up", "ip route add default via 10.0.1.1"]
                try await network.run(on: 1, isSet ? ["ip link set eth0 down"] : up)
            case .routeGone:
                let action = isSet ? "del default" : "add default via 10.0.1.1"
                try await network.run(on: 1, ["ip route \(action)"])
            case .sendingDropped: try await drop("from", isSet, in: network)
            case .receivingDropped: try await drop("to", isSet, in: network)
            }
        }

        private func drop(
            _ direction: String,
            _ isSet: Bool,
            in network: RoutedNetwork
        ) async throws {
            let rule = "\(isSet ? "add" : "del") \(direction) \(RoutedNetwork.address(1)) blackhole"
            try await network.run(on: nil, ["ip rule \(rule)"])
        }
    }

    private static func number(_ name: String, default value: Double) -> Double {
        ProcessInfo.processInfo.environment[name].flatMap(Double.init) ?? value
    }

    private static let rounds = Int(number("SUSPECT_ROUNDS", default: 1))
    private static let seconds = number("SUSPECT_SECONDS", default: 4)
    private static let settings = [
        "NOVA_FED_SYNC_INTERVAL": "0.5", "NOVA_FED_SYNC_TIMEOUT": "0.4", "NOVA_FED_WINDOW_SEC": "5",
    ]

    /// Machine 1 and its five peers.
    struct Federation {
        let network: RoutedNetwork
        var nodes: [ChildProcess] = []

        init() async throws {
            network = try await RoutedNetwork(machines: 6)
            let list = (1...6).map { "n\($0)=\(RoutedNetwork.url($0))" }
            for machine in 1...6 {
                let environment = ServedNode.environment(peers: list, port: RoutedNetwork.port)
                    .merging(["FEDERATION_BIND": "0.0.0.0:\(RoutedNetwork.port)"]) { $1 }
                    .merging(SuspectTests.settings) { $1 }
                let node = try network.start(
                    on: machine,
                    daemonExecutable(),
                    ["serve"],
                    environment: environment
                )
                _ = try await ServedNode.port(of: node)
                nodes.append(node)
            }
        }

        func close() {
            for node in nodes { node.kill() }
            network.close()
        }

        func health() async throws -> ServedHealth {
            try ServedHealth(await network.get("/federation/health", on: 1).body)
        }

        func events(since: Double) async throws -> [ServedEvent] {
            let page = try await network.get("/federation/events?since=\(since)", on: 1)
            return try JSONDecoder().decode(ServedEvent.Page.self, from: Data(page.body)).events
        }

        /// Waits until the windows are full of good pulls, and all five peers pull this node.
        func settle() async throws {
            try await eventually("five peers are up and steady", within: .seconds(30)) {
                let health = try await health()
                let peers = health.peers.filter { $0.id != "n1" }
                return health.own.heard.by >= 5 && !health.own.suspect
                    && peers.allSatisfy { $0.successRate == 1 && $0.samples >= 9 }
            }
        }
    }

    @Test func `faults of its own network make a node suspect and no peer down`() async throws {
        let federation = try await Federation()
        defer { federation.close() }
        try await federation.settle()
        for _ in 0..<Self.rounds {
            for fault in Fault.allCases { try await expectSuspicion(fault, federation) }
        }
    }

    private func expectSuspicion(_ fault: Fault, _ federation: Federation) async throws {
        let before = try await federation.health()
        let start = Date().timeIntervalSince1970
        try await fault.set(true, in: federation.network)
        try await eventually("\(fault.rawValue): suspect", within: .seconds(10)) {
            try await federation.health().own.causes.first == "all_peers_failing"
        }
        #expect(try await federation.network.get("/ready", on: 1).status == 200)
        let reasons = try await federation.health().reasons
        #expect(reasons.contains { $0.hasPrefix("this node is suspect: no peer responds") })
        try await Task.sleep(for: .seconds(Self.seconds))
        let own = try await federation.health().own
        #expect(own.causes == ["all_peers_failing", "unheard"], "\(fault.rawValue): \(own)")
        try await fault.set(false, in: federation.network)
        try await eventually("\(fault.rawValue): trusted again", within: .seconds(10)) {
            let health = try await federation.health()
            return !health.own.suspect && health.own.heard.by >= 5
                && health.peers.allSatisfy { ($0.age ?? 0) < 1 }
        }
        let after = try await federation.health()
        for (peer, old) in zip(after.peers, before.peers) where peer.id != "n1" {
            #expect(peer.state == "up")
            #expect(abs(peer.quality - old.quality) < 0.02, "\(fault.rawValue), \(peer.id)")
        }
        let events = try await federation.events(since: start)
        #expect(!events.contains { $0.kind == "peer_down" || $0.kind == "peer_up" })
        let suspect = events.filter { $0.kind == "suspect" }
        #expect(suspect.map(\.to) == ["trusted", "suspect"], "\(fault.rawValue)")
        #expect(suspect.allSatisfy { $0.reason == "all_peers_failing" })
        #expect((suspect.first?.lasted ?? 0) >= Self.seconds)
    }

    @Test(arguments: [[2], [3, 5]])
    func `peers that vanish while others respond are down`(gone: [Int]) async throws {
        let federation = try await Federation()
        defer { federation.close() }
        try await federation.settle()
        for machine in gone { try await federation.network.setIsolated(true, machine) }
        let names = Set(gone.map { "n\($0)" })
        try await eventually("they are down", within: .seconds(10)) {
            let states = try await federation.health().states
            return Set(states.filter { $0.value == "down" }.keys) == names
        }
        #expect(try await !federation.health().own.suspect)
    }

    @Test func `five killed peers are down, and five that vanish make the node suspect`()
        async throws
    {
        let federation = try await Federation()
        defer { federation.close() }
        try await federation.settle()
        try await federation.network.setIsolated(true, 1)
        try await eventually("it is suspect", within: .seconds(10)) {
            try await federation.health().own.suspect
        }
        try await federation.network.setIsolated(false, 1)
        try await federation.settle()
        for node in federation.nodes.dropFirst() { node.kill() }
        try await eventually("all five are down", within: .seconds(10)) {
            try await federation.health().states.values.count { $0 == "down" } == 5
        }
        #expect(try await !federation.health().own.suspect)
    }
}

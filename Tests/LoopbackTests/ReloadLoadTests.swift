import Foundation
import Glibc
import TestSupport
import Testing

/// Reloads under load.
@Suite struct ReloadLoadTests {
    /// Starts a node with a settings file and a peers file in `directory`.
    private static func node(
        in directory: TemporaryDirectory,
        peers: [String],
        _ settings: [String: String] = [:]
    ) async throws -> ServedNode {
        var all = ServedNode.environment(peers: [], port: 0)
        all["NOVA_FED_PEERS"] = nil
        all["NOVA_FED_PEERS_FILE"] = try directory.write(list(peers), to: "peers")
        all.merge(settings) { $1 }
        let text = all.map { "\($0)=\($1)\n" }.joined()
        let process = try ChildProcess(
            daemonExecutable(),
            ["serve", "--config", try directory.write(text, to: "nova.env")]
        )
        return ServedNode(process: process, port: try await ServedNode.port(of: process))
    }

    private static func list(_ peers: [String]) -> String {
        peers.map { $0 + "\n" }.joined()
    }

    @Test
    func `a reload with a hundred hung peers takes less than 100 ms and cuts off removed peers`()
        async throws
    {
        let hung = try (0..<100).map { _ in try ScriptedPeer(.silence) }
        defer { for peer in hung { peer.stop() } }
        let directory = try TemporaryDirectory()
        let names = hung.enumerated().map { "h\($0)=\($1.url)" }
        let node = try await Self.node(
            in: directory,
            peers: names,
            ["NOVA_FED_SYNC_INTERVAL": "60", "NOVA_FED_SYNC_TIMEOUT": "60"]
        )
        defer { node.process.kill() }
        await eventually("all hang") { hung.allSatisfy { $0.openCount == 1 } }
        var best = Duration.seconds(3600)
        for round in 1...5 {
            try directory.replace("peers", with: Self.list(Array(names.dropLast(round * 10))))
            let start = ContinuousClock.now
            node.process.send(SIGHUP)
            // The watch may notice the change before the signal does; then one removes no peer.
            await eventually("the peers are removed") {
                let removed = node.logLines("msg=reloaded").map { $0.field("removed") }
                return removed.compactMap { $0.flatMap { Int($0) } }.reduce(0, +) == 10 * round
            }
            best = min(best, ContinuousClock.now - start)
            let last = try #require(node.logLines("msg=reloaded").last)
            #expect(try #require(last.field("seconds").flatMap { Double($0) }) < 0.1)
        }
        // From the signal to its log line; the best of five, because the machine may be busy.
        #expect(best < .milliseconds(100))
        await eventually("the removed half is cut off") {
            hung.count { $0.openCount == 0 } == 50
        }
        #expect(try await node.metrics().inFlight == 50)
        #expect(try await node.metrics().pulls("error") == 0)
    }

    /// The resources and series of a node.
    private struct Resources {
        let residentKiB: Int
        let descriptors: Int
        let threads: Threads
        let peers: Set<Substring>

        init(of node: ServedNode) async throws {
            let path = "/proc/\(node.process.pid)"
            let status = try String(contentsOfFile: "\(path)/status", encoding: .utf8)
            func number(_ key: String) -> Int {
                let line = status.split(separator: "\n").first { $0.hasPrefix("\(key):") }
                return line?.split(whereSeparator: \.isWhitespace).dropFirst().first
                    .flatMap { Int($0) } ?? -1
            }
            residentKiB = number("VmRSS")
            threads = await Threads.settled(of: node)
            descriptors = try FileManager.default.contentsOfDirectory(atPath: "\(path)/fd").count
            let page = try await node.page("/metrics")
            peers = Set(page.matches(of: /peer="([^"]*)"/).map(\.output.1))
        }
    }

    /// The threads of a process, by the names that ps(1) shows.
    private struct Threads: CustomStringConvertible {
        /// The name of lookup threads, which come and go.
        static let lookup = "lookup"
        /// Maximum number of concurrent lookups of names that were never found.
        static let mostLookups = 4

        /// One worker for each lookup, one for each serial queue (fewer than ten), and for each
        /// processor one of the shared pool, and another while that one blocks.
        static let mostWorkers =
            mostLookups + 10 + 2 * ProcessInfo.processInfo.activeProcessorCount

        /// Threads that last as long as the process, by name: main, curl and MHD-worker.
        var lasting: [String: Int] = [:]
        var lookups = 0
        /// Workers of Dispatch, which end about 5 s after their work.
        var workers = 0

        var description: String { "\(lasting), \(lookups) lookups, \(workers) workers" }

        /// The threads once two readings agree, because a new thread first has its creator's name.
        static func settled(of node: ServedNode) async -> Threads {
            var threads = Threads(of: node)
            await eventually("the names of the threads settle") {
                let again = Threads(of: node)
                defer { threads = again }
                return again.lasting == threads.lasting
            }
            return threads
        }

        init(of node: ServedNode) {
            let path = "/proc/\(node.process.pid)/task"
            for task in (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] {
                let file = "\(path)/\(task)/comm"
                // A thread that has just ended has no name any more.
                guard let text = try? String(contentsOfFile: file, encoding: .utf8) else {
                    continue
                }
                switch text.trimmingCharacters(in: .newlines) {
                case Self.lookup: lookups += 1
                case let name where name.contains("qos"): workers += 1
                case let name: lasting[name, default: 0] += 1
                }
            }
        }
    }

    @Test func `a thousand reloads under load leak no memory, descriptors, threads or series`()
        async throws
    {
        let good = try (0..<100)
            .map { try ScriptedPeer(.summary(nodeID: "nova-\($0)"), on: "127.3.0.\($0 + 1)") }
        defer { for peer in good { peer.stop() } }
        let directory = try TemporaryDirectory()
        // Two thirds of the list change each time: addresses, names, and what is behind them.
        func peers(_ round: Int) -> [String] {
            (0..<10).map { "s\($0)=\(good[$0].url)" }
                + (0..<10).map { "r\(round)-\($0)=\(good[10 + (round * 7 + $0) % 90].url)" }
                + (0..<5).map { "d\(round)-\($0)=http://127.4.\(round % 250).\($0 + 1):9" }
                + (0..<5).map { "n\(round)-\($0)=http://n\(round)-\($0).invalid:80" }
        }
        let node = try await Self.node(
            in: directory,
            peers: peers(0),
            [
                "NOVA_FED_SYNC_INTERVAL": "0.2", "NOVA_FED_WINDOW_SEC": "2",
                "NOVA_FED_LOG_LEVEL": "notice",
            ]
        )
        defer { node.process.kill() }
        var resources: [Int: Resources] = [:]
        for round in 1...1000 {
            try directory.replace("peers", with: Self.list(peers(round)))
            node.process.send(SIGHUP)
            try await eventually("reload \(round) is applied") {
                try await node.metrics()["nova_federation_peer_samples{peer=\"r\(round)-0\"}"]
                    != nil
            }
            if round == 300 || round == 1000 {
                try await Task.sleep(for: .seconds(1))
                resources[round] = try await Resources(of: node)
            }
        }
        let early = try #require(resources[300])
        let late = try #require(resources[1000])
        // Removed peers have no series.
        #expect(early.peers.count == 30)
        #expect(late.peers.count == 30)
        #expect(late.descriptors <= early.descriptors + 5)
        #expect(late.threads.lasting == early.threads.lasting)
        #expect(late.threads.lookups <= Threads.mostLookups)
        // The number of workers depends on the last few seconds; if each of 700 reloads leaked one,
        // it would far exceed the limit.
        #expect(late.threads.workers <= Threads.mostWorkers)
        // If each of 700 reloads leaked the histories of 20 peers, that would be 14,000.
        #expect(late.residentKiB <= early.residentKiB + 4096, "from \(early) to \(late)")
        // Peers that stayed were pulled throughout.
        let steady = try await node.metrics()["nova_federation_peer_success_rate{peer=\"s0\"}"]
        #expect(steady == 1)
    }
}

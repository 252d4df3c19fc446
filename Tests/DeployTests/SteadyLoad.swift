import Foundation
import Glibc
import Synchronization
import TestSupport

/// Clients that ask a balancer without pause, half of them on connections that they keep; each
/// answer is looked at, and nothing is asked twice.
final class SteadyLoad: Sendable {
    /// What came of it so far.
    struct Tally: Sendable, CustomStringConvertible {
        /// Whole answers with status 200 and the right content.
        var answers = 0
        /// Connections that were opened to be kept.
        var keptConnections = 0
        /// Who answered with a summary, by node id.
        var nodes: Set<String> = []
        /// What went wrong, a sentence each.
        var failures: [String] = []

        var description: String { "\(answers) requests answered, \(failures.count) failed" }
    }

    /// Clients that keep their connection.
    static let keeping = 4
    /// Clients that open a connection for each request.
    static let opening = 4
    /// From the start of one request of a client to the start of its next.
    private static let pace = Duration.milliseconds(20)
    /// Longer than the shipped configurations wait for a node, and for another after it.
    private static let patience = Duration.seconds(20)
    /// What a client asks for in turn.
    private static let requests = [
        ("GET", "/federation/sync/summary"), ("GET", "/federation/wisdom"),
        ("HEAD", "/federation/sync/summary"), ("GET", "/federation/sync/summary"),
    ]

    private let port: Int
    private let start = ContinuousClock.now
    private let isOver = Atomic(false)
    private let state = Mutex(Tally())

    private init(port: Int) {
        self.port = port
    }

    var tally: Tally { state.withLock { $0 } }

    /// Asks the balancer on `port` while `body` runs.
    static func on(
        port: Int,
        isolation: isolated (any Actor)? = #isolation,
        _ body: (SteadyLoad) async throws -> Void
    ) async throws -> Tally {
        let load = SteadyLoad(port: port)
        return try await withThrowingTaskGroup(of: Void.self) { clients in
            defer { load.isOver.store(true, ordering: .relaxed) }
            for number in 0..<(keeping + opening) {
                clients.addTask { try await onNewThread { load.ask(keeping: number < keeping) } }
            }
            try await body(load)
            load.isOver.store(true, ordering: .relaxed)
            try await clients.waitForAll()
            return load.tally
        }
    }

    /// One client, until the load is over.
    private func ask(keeping: Bool) {
        var kept: KeepAliveConnection?
        var number = 0
        while !isOver.load(ordering: .relaxed) {
            let next = ContinuousClock.now + Self.pace
            let (method, path) = Self.requests[number % Self.requests.count]
            number += 1
            let isNew = kept == nil
            do {
                let connection = try kept ?? KeepAliveConnection(port: port, timeout: Self.patience)
                if keeping && isNew { state.withLock { $0.keptConnections += 1 } }
                let answer = connection.get(path, method: method)
                note(answer, to: method, path, isNew ? "a new connection" : "a kept connection")
                // A balancer may end a connection with an answer, if it says so in it.
                let isKept = keeping && answer.map { $0.header("connection") != "close" } ?? false
                kept = isKept ? connection : nil
            } catch {
                fail("\(method) \(path): \(error)")
                kept = nil
            }
            usleep(UInt32(max(.zero, ContinuousClock.now.duration(to: next)) / .microseconds(1)))
        }
    }

    /// Looks at an answer.
    private func note(_ answer: HTTPMessage?, to method: String, _ path: String, _ place: String) {
        let request = "\(method) \(path) on \(place)"
        guard let answer else { return fail("\(request) got no whole answer") }
        guard answer.status == 200 else { return fail("\(request) got \(answer.status)") }
        guard method == "GET" else { return state.withLock { $0.answers += 1 } }
        let object = try? JSONSerialization.jsonObject(with: Data(answer.body))
        guard let page = object as? [String: Any] else { return fail("\(request) got no JSON") }
        guard path != "/federation/wisdom" else {
            return page["peer_gstars"] is [Double]
                ? state.withLock { $0.answers += 1 } : fail("\(request) got \(answer.text)")
        }
        guard let node = page["node_id"] as? String else {
            return fail("\(request) got \(answer.text)")
        }
        state.withLock {
            $0.answers += 1
            $0.nodes.insert(node)
        }
    }

    private func fail(_ sentence: String) {
        let moment = ContinuousClock.now - start
        state.withLock { $0.failures.append("after \(moment): \(sentence)") }
    }
}

import Foundation
import Glibc
import Synchronization
import TestSupport

/// Clients that continuously send requests to a load balancer, half of them on kept connections.
///
/// Each response is checked, and no request is repeated.
final class SteadyLoad: Sendable {
    /// The results so far.
    struct Tally: Sendable, CustomStringConvertible {
        /// Complete responses with status 200 and the right content.
        var answers = 0
        /// Connections that were opened to be kept.
        var keptConnections = 0
        /// The node ids in the summaries.
        var nodes: Set<String> = []
        /// The failures, each as a sentence.
        var failures: [String] = []

        var description: String { "\(answers) requests answered, \(failures.count) failed" }
    }

    /// Clients that keep their connection.
    static let keeping = 4
    /// Clients that open a connection for each request.
    static let opening = 4
    /// The time between the starts of two requests of a client.
    private static let pace = Duration.milliseconds(20)
    /// Longer than the shipped configurations wait for two nodes, one after the other.
    private static let patience = Duration.seconds(20)
    /// The requests of a client, in turn.
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

    /// Sends requests to the load balancer on `port` while `body` runs.
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

    /// Runs one client until the load is over.
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
                // A load balancer may close a connection after a response that announces it.
                let isKept = keeping && answer.map { $0.header("connection") != "close" } ?? false
                kept = isKept ? connection : nil
            } catch {
                fail("\(method) \(path): \(error)")
                kept = nil
            }
            usleep(UInt32(max(.zero, ContinuousClock.now.duration(to: next)) / .microseconds(1)))
        }
    }

    /// Checks a response.
    private func note(_ answer: HTTPMessage?, to method: String, _ path: String, _ place: String) {
        let request = "\(method) \(path) on \(place)"
        guard let answer else { return fail("\(request) got no complete response") }
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

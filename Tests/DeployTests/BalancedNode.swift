import Glibc
import Synchronization
import TestSupport

/// A real node behind a load balancer that can be stopped and started again at its address.
final class BalancedNode: Sendable {
    /// The node id, and the name in the shipped configurations.
    let name: String
    let address: String
    let port: Int
    private let settings: [String: String]
    private let process = Mutex<ChildProcess?>(nil)

    init(name: String, address: String, port: Int, settings: [String: String]) {
        (self.name, self.address, self.port) = (name, address, port)
        self.settings = settings
    }

    var authority: String { "\(address):\(port)" }
    var probe: HTTPProbe { HTTPProbe(address, port: port, timeout: .seconds(30)) }

    /// Starts it and waits until it is ready.
    func start() async throws {
        let own = [
            "FEDERATION_BIND": authority, "FEDERATION_ENABLED": "1", "NOVA_FED_SYNC_ENABLED": "1",
            "NOVA_ENABLE_PROMETHEUS": "1", "NOVA_NODE_ID": name, "NOVA_FED_LOG_LEVEL": "warning",
        ]
        let started = try ChildProcess(
            daemonExecutable(),
            ["serve"],
            environment: own.merging(settings) { $1 }
        )
        process.withLock { $0 = started }
        let isReady = await becomesTrue(within: .seconds(30)) {
            (try? await readiness()) == 200
        }
        guard isReady else { throw TestError("\(name) is not ready. Its log:\n\(started.log)") }
    }

    /// The status of `/ready`, over TLS if the node uses it; 0 without a response.
    private func readiness() async throws -> Int {
        guard settings["NOVA_FED_TLS_CERT_FILE"] != nil else {
            return try await probe.get("/ready").status
        }
        let requests = [TLSProbe.Request("/ready")]
        let session = TLSProbe.Session(host: address, port: port, requests: requests)
        return try await TLSProbe.run([session]).first?.responses.first?.status ?? 0
    }

    /// Sends a signal without waiting.
    func send(_ signal: Int32) {
        process.withLock { $0 }?.send(signal)
    }

    /// Waits until the node has exited, which must be a normal stop.
    func waitForStop() async throws {
        guard let process = process.withLock({ $0 }) else { return }
        let ending = try await process.waitForEnd()
        guard ending == .exit(0) else {
            throw TestError("\(name) ended with \(ending). Its log:\n\(process.log)")
        }
    }

    /// Restarts the node as an upgrade does.
    func restart() async throws {
        send(SIGTERM)
        try await waitForStop()
        try await start()
    }

    /// Kills the node.
    func kill() {
        process.withLock { $0 }?.kill()
    }

    /// The value of a series of its metrics; 0 if it has none.
    func metric(_ series: String) async throws -> Double {
        let page = try await probe.get("/metrics").text
        let line = page.split(separator: "\n").first { $0.hasPrefix(series + " ") }
        return line.flatMap { Double($0.dropFirst(series.count + 1)) } ?? 0
    }
}

/// Runs the nodes n1 to n3, each on its own address, while `body` runs.
///
/// They pull each other every second unless `settings` override the interval.
func withNodes<Value>(
    _ settings: [String: String] = [:],
    isolation: isolated (any Actor)? = #isolation,
    _ body: ([BalancedNode]) async throws -> Value
) async throws -> Value {
    let places = try (1...3)
        .map { number in
            let address = "127.0.1.\(number)"
            return (name: "n\(number)", address: address, port: try freePort(on: address))
        }
    let scheme = settings["NOVA_FED_TLS_CERT_FILE"] == nil ? "http" : "https"
    let nodes = places.map { place in
        let peers = places.filter { $0.name != place.name }
            .map { "\($0.name)=\(scheme)://\($0.address):\($0.port)" }
        let usual = [
            "NOVA_FED_PEERS": peers.joined(separator: ","), "NOVA_FED_SYNC_INTERVAL": "1",
        ]
        return BalancedNode(
            name: place.name,
            address: place.address,
            port: place.port,
            settings: usual.merging(settings) { $1 }
        )
    }
    defer { for node in nodes { node.kill() } }
    for node in nodes { try await node.start() }
    return try await body(nodes)
}

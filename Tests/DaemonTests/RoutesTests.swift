import Federation
import Logging
import MicroHTTPServer
import PeerSync
import TestSupport
import Testing

@testable import Daemon
@testable import Host
@testable import Pages
@testable import Settings

/// The response of each path in each mode.
struct RoutesTests {
    private static func routes(
        _ mode: Mode,
        hasMetrics: Bool,
        peers: Int = 0,
        interval: Int = 30
    ) throws -> Daemon.Routes {
        let flag = mode == .off ? "0" : "1"
        let loaded = try load([
            "FEDERATION_ENABLED": flag, "NOVA_FED_SYNC_INTERVAL": "\(interval)",
            "NOVA_FED_SYNC_ENABLED": mode == .peerSync ? "1" : "0",
            "NOVA_ENABLE_PROMETHEUS": hasMetrics ? "1" : "0",
            "NOVA_FED_PEERS": (0..<peers).map { "http://10.0.0.\($0)" }.joined(separator: ","),
        ])
        let settings = loaded.settings
        let inForce = SettingsInForce(loaded, wall: 0, threshold: LogThreshold(.info))
        let identity = NodeIdentity(nodeID: "here", instance: "0000000a")
        let store = PeerStore(identity: identity, plan: settings.pullPlan, on: Host())
        let pages = ReadyPages()
        let time = SystemTime()
        let events = EventLog(after: 0, .memoryOnly, time: time)
        let local = LocalNode(
            identity: identity,
            inForce: inForce,
            origin: .disabled,
            store: store,
            time: time,
            pages: pages,
            supervisor: Supervisor(environment: [:]),
            events: events,
            saved: nil,
            log: Logger(label: "routes")
        )
        return Daemon.Routes(
            isOff: mode == .off,
            pages: pages,
            board: StatusBoard(
                identity: identity,
                inForce: inForce,
                store: store,
                local: local,
                pages: pages,
                time: time,
                started: time.now
            ),
            events: EventSource(log: events, file: nil, inForce: inForce),
            instruments: Instruments(
                startedWall: 0,
                events: events,
                inForce: inForce,
                keeper: nil,
                droppedRecords: { 0 }
            )
        )
    }

    /// The status of a ready page, or nil for a page that is computed.
    private static func status(_ routes: Daemon.Routes, _ path: String) -> Int? {
        switch routes.answer(Request(path: path)) {
        case .page(let page): page.status
        case .rendered, .queued: nil
        }
    }

    @Test(arguments: [
        "/federation/sync/summary", "//federation/sync/summary", "/federation/health",
        "/federation/wisdom", "/federation/sd", "/federation/", "/federation/anything",
    ])
    func `no path of federation is served while it is off`(path: String) throws {
        let routes = try Self.routes(.off, hasMetrics: true)
        #expect(routes.pages.summary.status == 503)
        routes.pages.publish(
            LocalState(metrics: .resting, ts: 1)
                .summary(
                    of: NodeIdentity(nodeID: "here", instance: "0000000a"),
                    version: ""
                )
        )
        #expect(routes.pages.summary.status == 200)
        #expect(Self.status(routes, path) == 404)
    }

    @Test(arguments: [Mode.off, .singleNode, .peerSync])
    func `health, ready and metrics are served in every mode`(mode: Mode) throws {
        let routes = try Self.routes(mode, hasMetrics: true)
        #expect(Self.status(routes, "/health") == 200)
        #expect(Self.status(routes, "/metrics") == nil)
        #expect(Self.status(try Self.routes(mode, hasMetrics: false), "/metrics") == 404)
        #expect(Self.status(routes, "/ready") == 503)
        routes.pages.readiness = .ready
        #expect(Self.status(routes, "/ready") == 200)
        routes.pages.readiness = .draining
        #expect(Self.status(routes, "/ready") == 503)
        routes.pages.readiness = .ready
        #expect(Self.status(routes, "/ready") == 503)
    }

    /// Whether a page is rendered at once; nil for a ready one.
    private static func isSmall(_ routes: Daemon.Routes, _ path: String) -> Bool? {
        switch routes.answer(Request(path: path)) {
        case .page: nil
        case .rendered: true
        case .queued: false
        }
    }

    @Test(arguments: ["/metrics", "/federation/health", "/federation/wisdom", "/federation/sd"])
    func `a page of at most 16 peers is small`(path: String) throws {
        for (peers, isFew) in [(0, true), (5, true), (16, true), (17, false), (200, false)] {
            let routes = try Self.routes(.peerSync, hasMetrics: true, peers: peers)
            #expect(Self.isSmall(routes, path) == isFew, "\(peers) peers")
        }
    }

    @Test func `requests have the same key if their pages are identical, and only then`() throws {
        let routes = try Self.routes(.peerSync, hasMetrics: true)
        func key(_ path: String, accept: String? = nil, host: String? = nil) -> String? {
            let request = Request(path: path, accept: accept, host: host)
            guard case .rendered(let key, _) = routes.answer(request) else { return nil }
            return key
        }
        let open = "application/openmetrics-text;version=1.0.0"
        #expect(key("/metrics") == key("/metrics", accept: "text/plain, */*;q=0.1", host: "b"))
        let preferred = "\(open), text/plain;q=0.5"
        #expect(key("/metrics", accept: open) == key("/metrics", accept: preferred))
        #expect(key("/federation/health", host: "a") == key("/federation/health", host: "b"))
        #expect(key("/federation/sd", host: "a") == key("/federation/sd", accept: open, host: "a"))
        let keys = [
            key("/metrics"), key("/metrics", accept: open), key("/federation/health"),
            key("/federation/wisdom"), key("/federation/sd"), key("/federation/sd", host: "a"),
        ]
        #expect(Set(keys).count == keys.count && !keys.contains(nil))
    }

    @Test func `a page for browsers has a key of bounded size with all that it depends on`()
        throws
    {
        let routes = try Self.routes(.peerSync, hasMetrics: true, peers: 2)
        func key(_ path: String, _ parameters: [(name: String, value: String)] = []) -> String? {
            var request = Request(path: path)
            request.parameters = parameters
            guard case .rendered(let key?, _) = routes.answer(request) else { return nil }
            return key
        }
        let text = String(repeating: "\u{1F300}", count: 64)
        let keys = [
            key("/"), key("/", [("state", "up")]), key("/", [("q", "up")]), key("/", [("q", text)]),
            key("/", [("page", "2")]), key("/peers/10.0.0.0:80"), key("/peers/10.0.0.1%3A80"),
            key("/", [("refresh", "0")]), key("/peers/10.0.0.0:80", [("refresh", "0")]),
        ]
        #expect(Set(keys).count == keys.count && !keys.contains(nil))
        #expect(keys.allSatisfy { $0?.utf8.count ?? 0 < 512 })
        #expect(key("/peers/10.0.0.1:80") == key("/peers/10.0.0.1%3a80", [("refresh", "1")]))
        #expect(key("/peers/10.0.0.1:80", [("a", "b")]) == nil)
        #expect(key("/", [("q", ""), ("state", ""), ("page", "")]) == key("/"))
    }

    @Test(arguments: ["/peers/", "/peers/nobody", "/peers/10.0.0.0:80/", "/peers/%FF"])
    func `the page of an unknown peer is not found, and costs no rendering`(path: String) throws {
        let routes = try Self.routes(.peerSync, hasMetrics: true, peers: 2)
        #expect(Self.status(routes, path) == 404)
        #expect(Self.status(try Self.routes(.off, hasMetrics: true, peers: 2), path) == 404)
    }

    @Test func `the overview is served in every mode, and counted as one path like all peers`()
        throws
    {
        for mode in [Mode.off, .singleNode, .peerSync] {
            #expect(Self.isSmall(try Self.routes(mode, hasMetrics: false), "/") == true)
        }
        let routes = try Self.routes(.peerSync, hasMetrics: true, peers: 17)
        #expect(Self.isSmall(routes, "/") == false)
        #expect(Route(path: "/peers/a") == .peer && Route(path: "/peers/b/c") == .peer)
        #expect(Route(path: "/peers") == nil && Route(path: "/") == .overview)
    }

    @Test func `a page of few peers with long windows is not small`() throws {
        for (interval, isFew) in [(10, true), (9, false), (1, false)] {
            let routes = try Self.routes(.peerSync, hasMetrics: true, peers: 16, interval: interval)
            #expect(Self.isSmall(routes, "/metrics") == isFew, "\(interval) s")
        }
    }

    @Test(arguments: [
        "", "//", "/peers", "/health/", "//health", "/Health", "/federation", "/federation/health/",
        "//federation/health", "///federation/sync/summary", "/federation/sync/summary/",
        "/federation//sync/summary", "/federation/sync/./summary", "/%68ealth", "/metrics.",
        "/federation/sd/",
    ])
    func `a path that is almost a known one is not found`(path: String) throws {
        #expect(Self.status(try Self.routes(.singleNode, hasMetrics: true), path) == 404)
    }
}

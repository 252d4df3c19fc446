import Exposition
import JSON
import MicroHTTPServer
import Pages
import Settings

/// The paths that are served.
enum Route: String, CaseIterable {
    case summary = "/federation/sync/summary"
    case federationHealth = "/federation/health"
    case wisdom = "/federation/wisdom"
    case events = "/federation/events"
    case settings = "/federation/settings"
    case targets = "/federation/sd"
    case metrics = "/metrics"
    case health = "/health"
    case ready = "/ready"
    case overview = "/"
    /// The page of each peer; counted as one path, because clients choose the name.
    case peer = "/peers/NAME"

    /// The paths that need neither a certificate nor a token.
    static let open: Set = [Route.health.rawValue, Route.ready.rawValue]

    init?(path: String) {
        // A client whose base URL ends with a slash requests the summary with two.
        let isSummary = path == "//federation/sync/summary"
        if path.hasPrefix(Self.peerPrefix) {
            self = .peer
        } else {
            self.init(rawValue: isSummary ? Route.summary.rawValue : path)
        }
    }

    static let peerPrefix = "/peers/"
}

/// Maps each path to its page.
struct Routes: Handler {
    /// Whether federation is off, which only a restart changes.
    let isOff: Bool
    let pages: ReadyPages
    let board: StatusBoard
    let events: EventSource
    let instruments: Instruments

    func answer(_ request: Request) -> Answer {
        let route = Route(path: request.path)
        let path = route?.rawValue ?? request.path
        if isOff, path.hasPrefix("/federation/") {
            return .page(ReadyPages.federationOff)
        }
        switch route {
        case nil: return .page(ReadyPages.notFound)
        case .health: return .page(ReadyPages.health)
        case .ready: return .page(pages.ready)
        case .summary:
            if let client = request.client { board.pullers.note(client, at: board.time.now) }
            return .page(pages.summary)
        case .federationHealth: return page(path) { .json(200, $0.healthPage.bytes) }
        case .wisdom: return page(path) { .json(200, $0.wisdomPage.bytes) }
        case .events: return events.answer(request)
        case .overview: return overview(request)
        case .peer:
            return peer(named: String(request.path.dropFirst(Route.peerPrefix.count)), request)
        case .settings:
            return page(path) { [inForce = board.inForce] _ in .json(200, inForce.loaded.page.bytes)
            }
        case .targets:
            let (host, reachedAt) = (request.host, request.reachedAt)
            return page("\(path) \(host ?? "") \(reachedAt ?? "")") {
                .json(200, $0.targetsPage(host: host, reachedAt: reachedAt).bytes)
            }
        case .metrics:
            guard board.inForce.settings.isMetricsEnabled else {
                return .page(ReadyPages.metricsOff)
            }
            let format = TextFormat(accept: request.accept)
            return page("\(path) \(format.contentType)") {
                Response(
                    status: 200,
                    contentType: format.contentType,
                    body: MetricsPage.render(instruments.scrape($0), as: format)
                )
            }
        }
    }

    /// A page computed from the status; `key` contains everything else it depends on.
    ///
    /// Pages of few peers with few observations are computed on the thread that serves.
    private func page(
        _ key: String,
        _ render: @escaping @Sendable (NodeStatus) -> Response
    ) -> Answer {
        let page = { @Sendable in render(board.status()) }
        return isSmall ? .rendered(key: key, page) : .queued(key: key, page)
    }

    /// Whether pages of the present peers are small.
    var isSmall: Bool {
        let settings = board.inForce.settings
        let observations = Double(settings.peers.count) * (settings.window / settings.interval)
        return settings.peers.count <= Self.fewPeers && observations <= Self.fewObservations
    }

    /// A page of this many peers takes 0.1 to 0.2 ms, during which other requests of the thread
    /// wait.
    private static let fewPeers = 16
    /// Each observation is read to compute the quality of its peer.
    private static let fewObservations = 500.0
}

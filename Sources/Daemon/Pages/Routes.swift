import MicroHTTPServer

/// The paths that are served.
enum Route: String, CaseIterable {
    case summary = "/federation/sync/summary"
    case federationHealth = "/federation/health"
    case wisdom = "/federation/wisdom"
    case metrics = "/metrics"
    case health = "/health"
    case ready = "/ready"

    init?(path: String) {
        // A client whose base URL ends with a slash asks for the summary with two.
        if path == "//federation/sync/summary" {
            self = .summary
        } else {
            self.init(rawValue: path)
        }
    }
}

/// Who answers which path.
struct Routes: Handler {
    let mode: Mode
    let hasMetrics: Bool
    let pages: ReadyPages
    let board: StatusBoard
    let metrics: MetricsPage

    func answer(_ request: Request) -> Answer {
        if mode == .off, request.path.hasPrefix("/federation/") {
            return .page(ReadyPages.federationOff)
        }
        switch Route(path: request.path) {
        case nil: return .page(ReadyPages.notFound)
        case .health: return .page(ReadyPages.health)
        case .ready: return .page(pages.ready)
        case .summary: return .page(pages.summary)
        case .federationHealth:
            return .computed { .json(encoding: HealthPage(of: await board.status())) }
        case .wisdom:
            return .computed { .json(encoding: WisdomPage(of: await board.status())) }
        case .metrics:
            guard hasMetrics else { return .page(ReadyPages.metricsOff) }
            return .computed { metrics.response(of: await board.status(), accept: request.accept) }
        }
    }
}

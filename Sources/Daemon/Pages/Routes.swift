import MicroHTTPServer

/// The paths that are served.
enum Route: String, CaseIterable {
    case summary = "/federation/sync/summary"
    case federationHealth = "/federation/health"
    case wisdom = "/federation/wisdom"
    case targets = "/federation/sd"
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
    /// Whether federation is off, which only a restart changes.
    let isOff: Bool
    let pages: ReadyPages
    let board: StatusBoard
    let metrics: MetricsPage

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
        case .summary: return .page(pages.summary)
        case .federationHealth:
            return .computed { .json(HealthPage(status: await board.status()).json) }
        case .wisdom:
            return .computed { .json(WisdomPage(status: await board.status()).json) }
        case .targets:
            return .computed {
                .json(TargetsPage(status: await board.status(), host: request.host).json)
            }
        case .metrics:
            guard board.inForce.settings.isMetricsEnabled else {
                return .page(ReadyPages.metricsOff)
            }
            return .computed { metrics.response(of: await board.status(), accept: request.accept) }
        }
    }
}

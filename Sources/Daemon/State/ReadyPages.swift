import Federation
import MicroHTTPServer
import Synchronization

/// The pages that are kept in memory and not computed for each request; from any thread.
final class ReadyPages: Sendable {
    enum Readiness: Int, Sendable {
        case starting
        case ready
        case draining
    }

    private struct State {
        var readiness = Readiness.starting
        var summary = noSummary
    }

    private let state = Mutex(State())

    var ready: Page {
        switch readiness {
        case .starting: Self.starting
        case .ready: Self.isReady
        case .draining: Self.draining
        }
    }

    var summary: Page { state.withLock { $0.summary } }

    /// Only moves forward.
    var readiness: Readiness {
        get { state.withLock { $0.readiness } }
        set {
            state.withLock { state in
                if newValue.rawValue > state.readiness.rawValue { state.readiness = newValue }
            }
        }
    }

    /// Replaces the summary; the first call, even without a summary, makes the node ready.
    ///
    /// Both change together, so a node that is still starting never returns a summary.
    func publish(_ summary: Summary?) {
        let page = summary.map { Page(.json(200, $0.encoded())) } ?? Self.noSummary
        state.withLock { state in
            state.summary = page
            if state.readiness == .starting { state.readiness = .ready }
        }
    }

    /// The response to `/health`: 200 while the listener responds.
    static let health = Page(.json(200, #"{"status":"ok"}"#))
    static let notFound = Page(.error(404, "not_found", "no such path"))
    static let federationOff = Page(
        .error(404, "federation_disabled", "federation is off: set FEDERATION_ENABLED=1")
    )
    static let metricsOff = Page(
        .error(404, "metrics_disabled", "metrics are off: set NOVA_ENABLE_PROMETHEUS=1")
    )

    private static let noSummary = Page(
        .error(503, "no_local_source", "the local source has no numbers yet")
    )
    private static let starting = Page(.json(503, #"{"ready":false,"reason":"starting"}"#))
    private static let isReady = Page(.json(200, #"{"ready":true}"#))
    private static let draining = Page(.json(503, #"{"ready":false,"reason":"draining"}"#))
}

extension Response {
    /// A JSON response.
    static func json(_ status: Int, _ body: [UInt8]) -> Response {
        Response(status: status, contentType: "application/json", body: body)
    }

    /// A constant JSON response.
    static func json(_ status: Int, _ body: StaticString) -> Response {
        json(status, Array(body.description.utf8))
    }
}

import Exposition
import Federation
import Host
import MicroHTTPServer
import Settings

/// The page at `/metrics`: the status as Prometheus reads it.
///
/// Every metric stands in contracts/metrics.md. No gauge is state: each is worked out from one
/// status when it is asked for.
struct MetricsPage {
    let requests: RequestCounts
    let listener: ListenerCounts
    /// Unix seconds at which the process started.
    let startedWall: Double
    /// Of the server that sends the page.
    var counts = PageCounts()
    /// How many records the log has dropped.
    var droppedRecords: @Sendable () -> Int = { 0 }

    private static let families =
        PeerMetrics.families + SyncMetrics.families + WisdomMetrics.families
        + ProcessMetrics.families
    private static let text = MetricsText(families)
    private static let textWithAliases = MetricsText(families + MetricAliases.families)

    /// The page in the format that `accept` asks for.
    func response(of status: NodeStatus, accept: String?) -> Response {
        let format = TextFormat(accept: accept)
        let text = status.settings.hasMetricAliases ? Self.textWithAliases : Self.text
        let scrape = Scrape(
            status,
            process: ProcessFacts(startedWall: startedWall),
            requests: requests,
            pages: counts,
            listener: listener,
            droppedRecords: droppedRecords()
        )
        return Response(
            status: 200,
            contentType: format.contentType,
            body: text.render(scrape, as: format, expecting: expectedBytes(of: status))
        )
    }

    /// About how long the page is; more with long names of peers.
    private func expectedBytes(of status: NodeStatus) -> Int {
        let perPeer = status.settings.hasMetricAliases ? 1_280 : 1_024
        return 16_384 + status.report.peers.count * perPeer
    }
}

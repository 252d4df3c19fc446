package import Exposition
internal import Federation
internal import Settings

/// The page at `/metrics`: a scrape as Prometheus reads it.
///
/// contracts/metrics.md lists every metric. No gauge is state: each is computed from one status
/// when it is requested.
package enum MetricsPage {
    private static let families =
        PeerMetrics.families + SyncMetrics.families + WisdomMetrics.families
        + ProcessMetrics.families
    private static let text = MetricsText(families)
    private static let textWithAliases = MetricsText(families + MetricAliases.families)

    /// The page in one of Prometheus' formats, in UTF-8.
    package static func render(_ scrape: Scrape, as format: TextFormat) -> [UInt8] {
        let settings = scrape.status.settings
        // About how long the page is; more with long names of peers.
        let perPeer = settings.hasMetricAliases ? 1_280 : 1_024
        let expected = 16_384 + scrape.status.report.peers.count * perPeer
        return (settings.hasMetricAliases ? textWithAliases : text)
            .render(scrape, as: format, expecting: expected)
    }
}

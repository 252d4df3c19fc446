package import Exposition
internal import Settings

/// The page at `/metrics`; contracts/metrics.md lists every metric.
///
/// No metric is stored: each is computed from one status when it is requested.
package enum MetricsPage {
    private static let families =
        PeerMetrics.families + CertificateMetrics.families + SyncMetrics.families
        + WisdomMetrics.families + EventMetrics.families + ProcessMetrics.families
    private static let text = MetricsText(families)
    private static let textWithAliases = MetricsText(families + MetricAliases.families)

    /// The page in one of Prometheus' formats, in UTF-8.
    package static func render(_ scrape: Scrape, as format: TextFormat) -> [UInt8] {
        let hasAliases = scrape.status.settings.hasMetricAliases
        // Approximate; long names of peers take more.
        let expected = 16_384 + scrape.peerLabels.count * (hasAliases ? 1_280 : 1_024)
        return (hasAliases ? textWithAliases : text)
            .render(scrape, as: format, expecting: expected)
    }
}

internal import Settings
internal import Timing

extension NodeStatus {
    /// A browser requests a page again after an interval, within these bounds in seconds.
    private static let refreshBounds = (least: 5.0, most: 60.0)

    var refreshSeconds: Int {
        let interval = settings.interval.inSeconds
        return Int(max(Self.refreshBounds.least, min(Self.refreshBounds.most, interval)))
    }

    /// The time of the page, and where programs find the same numbers.
    var footer: HTML {
        let pages: HTML =
            mode == .off
            ? ""
            : """
            JSON: <a href="/federation/health">health</a>, \
            <a href="/federation/wisdom">wisdom</a>, \
            <a href="/federation/events">events</a>, \
            <a href="/federation/settings">settings</a>.
            """
        let metrics: HTML? =
            settings.isMetricsEnabled ? "<a href=\"/metrics\">Metrics</a> for Prometheus." : nil
        return """
            <p>As of \(UTCTime.html(wall)). The page refreshes every \(refreshSeconds) s.</p>
            <p>\(pages) \(metrics)</p>
            """
    }
}

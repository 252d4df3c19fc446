internal import Settings
internal import Timing

extension NodeStatus {
    /// A browser requests a page again after an interval, within these bounds in seconds.
    private static let refreshBounds = (least: 15.0, most: 60.0)

    var refreshSeconds: Int {
        let interval = settings.interval.inSeconds
        return Int(max(Self.refreshBounds.least, min(Self.refreshBounds.most, interval)))
    }

    /// The time of the page, how to start or stop its refreshing, and where programs find the same
    /// numbers.
    ///
    /// `toggle` is the URL of the same page that refreshes itself if this one does not.
    func footer(isRefreshing: Bool, toggle: String) -> HTML {
        let refreshing: HTML =
            isRefreshing
            ? """
            The page refreshes every \(Double(refreshSeconds).asDuration). \
            <a href="\(toggle)">Stop refreshing</a>
            """
            : """
            The page does not refresh. <a href="\(toggle)">Refresh automatically</a>
            """
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
            <p>As of \(UTCTime.html(wall)). \(refreshing)</p>
            <p>\(pages) \(metrics)</p>
            """
    }
}

/// The two text formats that Prometheus reads.
package enum TextFormat: String, CaseIterable, Sendable {
    /// The Prometheus text format 0.0.4, which all consumers read.
    case prometheus = "text/plain; version=0.0.4; charset=utf-8"
    /// OpenMetrics 1.0.
    case openMetrics = "application/openmetrics-text; version=1.0.0; charset=utf-8"

    /// The value of the `Content-Type` header.
    package var contentType: String { rawValue }
}

/// All metrics of a source, as one document.
package struct MetricsText<Source>: Sendable {
    /// Sorted by name.
    private let families: [MetricFamily<Source>]

    /// Sorts the families once for all scrapes; two families of one name trap.
    package init(_ families: [MetricFamily<Source>]) {
        self.families = families.sorted { $0.name < $1.name }
        for (left, right) in zip(self.families, self.families.dropFirst()) {
            precondition(left.name != right.name, "The metric name '\(left.name)' must be unique.")
        }
    }

    /// Renders `source` without the families that have no series.
    ///
    /// `bytes` is the expected size; a document that becomes larger is copied while it grows.
    package func render(_ source: Source, as format: TextFormat, expecting bytes: Int) -> [UInt8] {
        var series = SeriesWriter()
        series.bytes.reserveCapacity(bytes)
        for family in families {
            let start = series.bytes.count
            series.bytes += family.head(format)
            let end = series.bytes.count
            series.name = family.nameBytes
            family.write(source, &series)
            if series.bytes.count == end { series.bytes.removeLast(end - start) }
        }
        if format == .openMetrics { series.bytes += "# EOF\n".utf8 }
        return series.bytes
    }
}

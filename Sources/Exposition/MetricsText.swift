/// Every metric that a source has, as one document.
package struct MetricsText<Source>: Sendable {
    /// By name.
    private let families: [MetricFamily<Source>]

    /// Puts the families in order, once for all scrapes; traps on two of one name.
    package init(_ families: [MetricFamily<Source>]) {
        self.families = families.sorted { $0.name < $1.name }
        for (left, right) in zip(self.families, self.families.dropFirst()) {
            precondition(left.name != right.name, "Exposed twice: \(left.name)")
        }
    }

    /// The document of what `source` has now; a family without series is left out.
    ///
    /// One of more than `bytes` costs a copy of what was written by then.
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

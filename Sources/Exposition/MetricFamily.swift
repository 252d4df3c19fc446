/// All series of one metric name: what they mean, and how they are read from a source.
///
/// Declared once: what does not change from scrape to scrape is checked and written out here.
package struct MetricFamily<Source>: Sendable {
    /// The type of a family.
    ///
    /// An `_info` metric is a gauge whose value is 1.
    package enum Kind: String, Sendable {
        /// A value that goes up and down.
        case gauge
        /// A value that only grows until a restart. In OpenMetrics a counter must end in `_total`;
        /// one that does not is typed unknown there.
        case counter
        case histogram
    }

    let name: String
    let nameBytes: [UInt8]
    /// HELP and TYPE in each format.
    private let prometheusHead: [UInt8]
    private let openMetricsHead: [UInt8]
    /// Writes what the source has; nothing if it has no series.
    let write: @Sendable (Source, inout SeriesWriter) -> Void

    /// A family of `name`, `[a-zA-Z_:][a-zA-Z0-9_:]*`; that of a counter with its `_total`.
    ///
    /// `help` is a line for the operator. `write` adds the series in the order of their labels, and
    /// none twice: a scrape with such a pair is refused whole. Traps on an illegal name: names
    /// stand in the source, so a bad one is a bug.
    package init(
        _ name: String,
        _ kind: Kind,
        help: String,
        _ write: @escaping @Sendable (Source, inout SeriesWriter) -> Void
    ) {
        precondition(
            isName(name.utf8, allowingColon: true),
            "The metric name '\(name)' must match [a-zA-Z_:][a-zA-Z0-9_:]*."
        )
        self.name = name
        nameBytes = Array(name.utf8)
        self.write = write
        let hasTotal = name.hasSuffix("_total")
        let isTotal = kind == .counter && hasTotal
        prometheusHead = Self.head(name, kind.rawValue, help, escapesQuotes: false)
        openMetricsHead = Self.head(
            isTotal ? String(name.dropLast("_total".count)) : name,
            kind == .counter && !hasTotal ? "unknown" : kind.rawValue,
            help,
            escapesQuotes: true
        )
    }

    /// HELP and TYPE.
    func head(_ format: TextFormat) -> [UInt8] {
        format == .openMetrics ? openMetricsHead : prometheusHead
    }

    private static func head(
        _ name: String,
        _ type: String,
        _ help: String,
        escapesQuotes: Bool
    ) -> [UInt8] {
        var bytes = Array("# HELP \(name) ".utf8)
        bytes.append(escaping: help, quotes: escapesQuotes)
        bytes += "\n# TYPE \(name) \(type)\n".utf8
        return bytes
    }
}

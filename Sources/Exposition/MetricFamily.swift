/// All series of one metric name, and how to read them from a source.
///
/// Checked and partly rendered once, so that a scrape does not repeat it.
package struct MetricFamily<Source>: Sendable {
    /// The type of a family.
    ///
    /// An `_info` metric is a gauge with the value 1.
    package enum Kind: String, Sendable {
        /// A value that rises and falls.
        case gauge
        /// A value that only rises until a restart. OpenMetrics requires the suffix `_total`; a
        /// counter without it has the type unknown there.
        case counter
        case histogram
    }

    let name: String
    let nameBytes: [UInt8]
    /// The HELP and TYPE lines in each format.
    private let prometheusHead: [UInt8]
    private let openMetricsHead: [UInt8]
    /// Writes the series of a source, which may be none.
    let write: @Sendable (Source, inout SeriesWriter) -> Void

    /// Creates a family with a name that matches `[a-zA-Z_:][a-zA-Z0-9_:]*`, including `_total`.
    ///
    /// `help` is one line for operators. `write` adds the series sorted by labels and without
    /// duplicates, because Prometheus rejects a scrape with duplicates. An invalid name traps,
    /// because names are literals in the source.
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

    /// The HELP and TYPE lines.
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

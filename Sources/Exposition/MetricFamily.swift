/// All series of one metric name, and how to read them from a source.
///
/// Validated and partly rendered once, for all scrapes.
package struct MetricFamily<Source>: Sendable {
    package enum Kind: String, Sendable {
        case gauge
        /// OpenMetrics requires the suffix `_total`; without it, the type is unknown there.
        case counter
        case histogram
    }

    let name: String
    let nameBytes: [UInt8]
    /// The HELP and TYPE lines in each format.
    private let prometheusHead: [UInt8]
    private let openMetricsHead: [UInt8]
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

extension MetricFamily {
    /// A histogram without labels; `upperBounds` are inclusive, must ascend and be finite.
    ///
    /// `read` returns the number of observations in each bucket, not cumulative, and their sum.
    /// There is one more bucket than bounds, for the observations above all of them.
    package static func histogram(
        _ name: String,
        help: String,
        upperBounds: [Double],
        _ read: @escaping @Sendable (Source) -> (counts: [Int], sum: Double)
    ) -> MetricFamily {
        precondition(
            zip(upperBounds, upperBounds.dropFirst()).allSatisfy(<)
                && upperBounds.allSatisfy(\.isFinite),
            "The bounds of a histogram must ascend and be finite."
        )
        // Prometheus stores a bound as text, so both formats print it with a fraction ("1.0").
        let buckets = (upperBounds.map(\.description) + ["+Inf"])
            .map { Array("_bucket{le=\"\($0)\"}".utf8) }
        return MetricFamily(name, .histogram, help: help) { source, series in
            let (counts, sum) = read(source)
            series.add(buckets, counts: counts, sum: sum)
        }
    }
}

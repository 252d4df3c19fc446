/// The buckets of a histogram, rendered in advance.
struct HistogramBounds: Sendable {
    /// The text after the family's name, such as `_bucket{le="0.5"}`; the last is `+Inf`.
    let buckets: [[UInt8]]

    /// Takes the inclusive upper bounds of the buckets, which must ascend and be finite.
    ///
    /// Both formats print them with a fraction ("1.0"). Prometheus stores a bound as text, so a
    /// series must have the same bound in both formats.
    init(_ upperBounds: [Double]) {
        precondition(
            zip(upperBounds, upperBounds.dropFirst()).allSatisfy(<)
                && upperBounds.allSatisfy(\.isFinite),
            "The bounds of a histogram must ascend and be finite."
        )
        buckets = (upperBounds.map(\.description) + ["+Inf"])
            .map { Array("_bucket{le=\"\($0)\"}".utf8) }
    }
}

extension MetricFamily {
    /// A histogram without labels.
    ///
    /// `read` returns the number of observations in each bucket, not cumulative, and their sum.
    /// There is one more bucket than bounds, for the observations above all of them.
    package static func histogram(
        _ name: String,
        help: String,
        upperBounds: [Double],
        _ read: @escaping @Sendable (Source) -> (counts: [Int], sum: Double)
    ) -> MetricFamily {
        let bounds = HistogramBounds(upperBounds)
        return MetricFamily(name, .histogram, help: help) { source, series in
            let (counts, sum) = read(source)
            series.add(bounds, counts: counts, sum: sum)
        }
    }
}

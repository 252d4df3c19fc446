/// The buckets of a histogram, in the form in which they are written.
struct HistogramBounds: Sendable {
    /// What follows the name of the family: `_bucket{le="0.5"}`; the last is for `+Inf`.
    let buckets: [[UInt8]]

    /// Takes the inclusive upper bounds of the buckets, which rise and are finite.
    ///
    /// They are spelled with their fraction ("1.0") in both formats: a bound is text to Prometheus,
    /// and a series must not change its name with the format that was negotiated.
    init(_ upperBounds: [Double]) {
        precondition(
            zip(upperBounds, upperBounds.dropFirst()).allSatisfy(<)
                && upperBounds.allSatisfy(\.isFinite),
            "The bounds of a histogram rise and are finite."
        )
        buckets = (upperBounds.map(\.description) + ["+Inf"])
            .map { Array("_bucket{le=\"\($0)\"}".utf8) }
    }
}

extension MetricFamily {
    /// A histogram without labels.
    ///
    /// `read` says how many observations fell into each bucket alone, one count more than bounds
    /// and the last above all, and the sum of everything observed.
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

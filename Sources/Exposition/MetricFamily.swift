/// All series of one metric name, with what they mean.
package struct MetricFamily: Sendable {
    /// `[a-zA-Z_:][a-zA-Z0-9_:]*`; of a counter with its `_total`.
    package let name: String
    /// One line for the operator; it is escaped when it is written.
    package let help: String
    package let series: Series

    /// The type of a family together with its series, so that the two cannot disagree.
    ///
    /// An `_info` metric is a gauge whose value is 1.
    package enum Series: Sendable {
        /// A value that goes up and down.
        case gauge([MetricSample])
        /// A value that only grows until a restart. In OpenMetrics a counter must end in `_total`;
        /// one that does not is typed unknown there.
        case counter([MetricSample])
        /// A value of which nothing is promised: `untyped` in the older format.
        case unknown([MetricSample])
        case histogram([HistogramSample])
    }

    /// Traps on an illegal name: names stand in the source, so a bad one is a bug.
    package init(_ name: String, help: String, _ series: Series) {
        precondition(
            isName(name.utf8, allowingColon: true),
            "The metric name '\(name)' must match [a-zA-Z_:][a-zA-Z0-9_:]*."
        )
        self.name = name
        self.help = help
        self.series = series
    }

    /// How many lines the family takes, HELP and TYPE included.
    var lineCount: Int {
        switch series {
        case .gauge(let samples), .counter(let samples), .unknown(let samples):
            samples.isEmpty ? 0 : samples.count + 2
        case .histogram(let samples):
            samples.isEmpty ? 0 : samples.reduce(2) { $0 + $1.counts.count + 2 }
        }
    }
}

/// A series that can be put in order: by its labels.
protocol Labelled {
    var labels: [Label] { get }
}

/// One number and the labels that tell it from the others of its family.
package struct MetricSample: Hashable, Sendable, Labelled {
    package let labels: [Label]
    /// Any double; infinities and NaN have their spelling.
    package let value: Double

    package init(_ labels: [Label] = [], _ value: Double) {
        self.labels = labels
        self.value = value
    }
}

/// What a histogram has counted so far, bucket by bucket.
package struct HistogramSample: Hashable, Sendable, Labelled {
    package let labels: [Label]
    /// The inclusive upper bounds of the buckets, rising and finite; `+Inf` is written unasked.
    package let upperBounds: [Double]
    /// How many observations fell into each bucket alone: one more than bounds, the last above all.
    package let counts: [Int]
    /// The sum of everything observed.
    package let sum: Double

    package init(
        _ labels: [Label] = [],
        upperBounds: [Double],
        counts: [Int],
        sum: Double
    ) {
        precondition(
            counts.count == upperBounds.count + 1,
            "A histogram has one count more than bounds, the last for what is above them all."
        )
        precondition(
            zip(upperBounds, upperBounds.dropFirst()).allSatisfy(<)
                && upperBounds.allSatisfy(\.isFinite),
            "The bounds of a histogram rise and are finite."
        )
        self.labels = labels
        self.upperBounds = upperBounds
        self.counts = counts
        self.sum = sum
    }
}

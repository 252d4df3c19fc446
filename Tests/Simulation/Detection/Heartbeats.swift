import Glibc

/// Phi-accrual for one peer (Hayashibara et al., 2004): each good pull is a heartbeat.
///
/// With the mean and standard deviation of the latest intervals between heartbeats, and Q the upper
/// tail of the normal distribution,
///
///     phi(t) = -log10 Q((t - mean) / deviation),  t = time since the latest heartbeat.
///
/// A peer is down while phi exceeds a threshold, which is when t exceeds mean + z x deviation.
struct Heartbeats {
    /// The number of intervals in the sliding window, as in the paper.
    private static let capacity = 1_000
    /// There is no verdict with fewer intervals.
    private static let fewest = 10
    /// The least standard deviation in seconds, as in Akka; without it, steady peers that take some
    /// milliseconds longer would be down.
    static let leastDeviation = 0.1

    /// In seconds since the zero of virtual time; nil before the first.
    private(set) var latest: Double?
    private var intervals: [Double] = []
    private var oldest = 0
    private var sum = 0.0
    private var squares = 0.0

    /// The mean and the standard deviation; nil while there is no verdict.
    private var spread: (mean: Double, deviation: Double)? {
        guard intervals.count >= Self.fewest else { return nil }
        let count = Double(intervals.count)
        let mean = sum / count
        let variance = max(0, squares / count - mean * mean)
        return (mean, max(Self.leastDeviation, variance.squareRoot()))
    }

    /// A heartbeat; `isFirst` if the peer was dead since the one before, which gives no interval.
    ///
    /// - Returns: By how many standard deviations it was late; nil while there is no verdict.
    mutating func beat(at seconds: Double, isFirst: Bool) -> Double? {
        defer { latest = seconds }
        guard let latest, !isFirst else { return nil }
        let interval = seconds - latest
        let lateness = spread.map { (interval - $0.mean) / $0.deviation }
        add(interval)
        return lateness
    }

    /// When the threshold of `z` standard deviations is exceeded if there is no other heartbeat.
    func exceeded(_ z: Double) -> Double? {
        guard let latest, let spread else { return nil }
        return latest + spread.mean + z * spread.deviation
    }

    private mutating func add(_ interval: Double) {
        if intervals.count < Self.capacity {
            intervals.append(interval)
        } else {
            sum -= intervals[oldest]
            squares -= intervals[oldest] * intervals[oldest]
            intervals[oldest] = interval
            oldest = (oldest + 1) % Self.capacity
        }
        sum += interval
        squares += interval * interval
    }

    /// The number of standard deviations at which phi has this value, to three decimals.
    static func deviations(ofPhi phi: Double) -> Double {
        var (low, high) = (0.0, 10_000.0)
        while high - low > 0.0005 {
            let middle = (low + high) / 2
            if Self.phi(middle) < phi { low = middle } else { high = middle }
        }
        return (high * 1_000).rounded() / 1_000
    }

    /// phi at `z` standard deviations; above 30 by the asymptotic form of Q, which is below 1e-197.
    private static func phi(_ z: Double) -> Double {
        if z < 30 { return -log10(erfc(z / 2.0.squareRoot()) / 2) }
        return z * z / 2 / log(10) + log10(z * (2 * Double.pi).squareRoot())
    }
}

internal import Federation
internal import Timing

/// The pulls of a window as a drawing: time from left to right, a line as high as the latency of
/// each good pull, and a cross for each failed one.
///
/// A pull that this process delayed has no latency and is shown as a ring. If there are more pulls
/// than places, each mark is the worst pull of its place.
struct WindowPlot {
    private static let places = 60
    private static let (width, height) = (160.0, 32.0)

    /// One mark; the default is a good pull without latency.
    private struct Mark {
        /// 0 at the start of the window, 1 now.
        var place: Double
        var seconds: Double?
        var isFailed: Bool
    }

    private var marks: [Mark] = []
    private var pulls = 0
    private var failed = 0
    private var reasons: [FailureReason] = []
    private let length: Duration

    /// The pulls of the last `length` before `now`, in running time.
    init(_ window: RollingWindow, now: Instant, length: Duration) {
        self.length = length
        let start = now - length
        for entry in window where entry.received >= start {
            pulls += 1
            let isFailed = !entry.isGood
            if isFailed { failed += 1 }
            if let reason = entry.reason, !reasons.contains(reason) { reasons.append(reason) }
            let place = entry.received.seconds(since: start) / max(length.inSeconds, 1e-9)
            let seconds = isFailed ? nil : entry.seconds
            marks.append(Mark(place: min(1, place), seconds: seconds, isFailed: isFailed))
        }
        if pulls > Self.places { gather() }
    }

    /// Keeps the worst mark of each place.
    private mutating func gather() {
        var worst: [Mark?] = Array(repeating: nil, count: Self.places)
        for mark in marks {
            let index = min(Self.places - 1, Int(mark.place * Double(Self.places)))
            guard let known = worst[index] else {
                worst[index] = mark
                continue
            }
            let isWorse = mark.isFailed || mark.seconds ?? 0 > known.seconds ?? 0
            if isWorse, !known.isFailed { worst[index] = mark }
        }
        marks = worst.compactMap(\.self)
    }

    var html: HTML {
        guard !marks.isEmpty else { return "<small>no pulls</small>" }
        let top = max(0.001, marks.compactMap(\.seconds).max() ?? 0)
        let isDense = marks.count > 20
        let half = isDense ? 2 : 3
        var (good, bad, held) = ("", "", "")
        for mark in marks {
            let x = (4 + (Self.width - 8) * mark.place).coordinate
            if mark.isFailed {
                bad += "M\(x - half) \(16 - half)l\(2 * half) \(2 * half)"
                bad += "m0-\(2 * half)l-\(2 * half) \(2 * half)"
            } else if let seconds = mark.seconds {
                good += "M\(x) 30V\((29 - 25 * seconds / top).coordinate)"
            } else {
                held += "M\(x - 2) 27a2 2 0 1 0 4 0a2 2 0 1 0-4 0"
            }
        }
        return """
            <svg class="plot" viewBox="0 0 \(Self.width.coordinate) \(Self.height.coordinate)" \
            width="\(Self.width.coordinate)" height="\(Self.height.coordinate)" role="img">\
            <title>\(title)</title><path class="base" d="M0 31H160"/>\
            <path class="pulls" stroke-width="\(isDense ? 2 : 4)" d="\(good)"/>\
            <path class="held" d="\(held)"/><path class="fails" d="\(bad)"/></svg>
            """
    }

    /// What the drawing shows, in a sentence.
    private var title: String {
        var parts = ["\((pulls - failed).grouped) good"]
        let latencies = marks.compactMap(\.seconds)
        if let fastest = latencies.min(), let slowest = latencies.max(), pulls <= Self.places {
            parts[0] += " in \(fastest.asLatency) to \(slowest.asLatency)"
        } else if let slowest = latencies.max() {
            parts[0] += " in at most \(slowest.asLatency)"
        }
        if failed > 0 {
            let words = reasons.prefix(3).map(\.words).joined(separator: ", ")
            parts.append("\(failed.grouped) failed" + (words.isEmpty ? "" : " (\(words))"))
        }
        return "\(pulls.grouped) pulls in \(length.inSeconds.asDuration): "
            + parts.joined(separator: ", ")
    }
}

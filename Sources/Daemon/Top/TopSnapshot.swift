import JSON
import NodeClient
import Pages

/// What a node reported at one moment, prepared for the screen.
struct TopSnapshot: Sendable {
    /// The wall clock when the response arrived, in Unix seconds.
    let at: Double
    let status: ShownStatus
    /// The lines of `status` about the node.
    let lines: [(name: String, text: String)]
    /// In the order of the page.
    let rows: [TopRow]
    /// The width of the widest name, in columns.
    let widestName: Int
    /// The latest events of the peer with this name, newest first.
    var events: (peer: String, events: [ShownEvent])?

    init(at: Double, _ status: ShownStatus, rows: [TopRow]) {
        (self.at, self.status, self.rows) = (at, status, rows)
        lines = status.lines
        widestName = rows.reduce(0) { max($0, $1.shownName.columns) }
    }

    /// What is wrong with the connection; nil if the node responds.
    ///
    /// `now` is the wall clock, and `failure` the result of the latest request.
    func notice(_ failure: NodeFailure?, now: Double) -> String? {
        let silence = max(0, now - at)
        guard failure != nil || silence >= Self.longSilence else { return nil }
        return "no response since \(at.asTime) (\(silence.inWords))"
            + (failure.map { ": \($0.cause)" } ?? "")
    }

    /// After this many seconds without a response, the node is shown as not responding.
    private static let longSilence = 3.0

    /// The page as text without a screen.
    var text: String {
        var latencies: [String: String] = [:]
        for row in rows { latencies[row.peer.name] = row.trace.text() }
        return "time".fitted(to: ShownStatus.nameWidth) + at.asTime + "\n"
            + status.text(latencies: latencies)
    }
}

/// A peer as `top` shows it.
struct TopRow: Sendable {
    let peer: PeerRow
    let trace: LatencyTrace
    /// The name without invisible characters.
    let shownName: String
    /// What the filter is compared with: name, state, reason and URL in lower case, as UTF-8.
    private let words: [UInt8]

    /// The longest name in scalars.
    static let longestName = 64

    init(_ peer: PeerRow, trace: LatencyTrace) {
        (self.peer, self.trace) = (peer, trace)
        shownName = peer.name.printable(upTo: Self.longestName)
        let url = peer.peer["url"].string ?? ""
        let texts = [peer.name, peer.text(.state) ?? "", peer.reason ?? "", url]
        words = Array(texts.joined(separator: "\n").lowercased().utf8)
    }

    /// Whether one of the words contains these bytes.
    func contains(_ bytes: [UInt8]) -> Bool {
        guard let first = bytes.first, words.count >= bytes.count else { return bytes.isEmpty }
        return (0...words.count - bytes.count)
            .contains { start in
                words[start] == first && words[start..<start + bytes.count].elementsEqual(bytes)
            }
    }
}

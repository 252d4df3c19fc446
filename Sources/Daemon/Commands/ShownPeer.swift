import Federation
import JSON
import Pages

/// One peer of the health and wisdom pages, in sentences.
struct ShownPeer {
    private let peer: JSONTree
    private let wisdom: JSONTree
    /// Newest first; nil if they are not known.
    private let events: [ShownEvent]?
    /// A sparkline of the latest pulls.
    private let pulls: String?
    /// Why the node itself may be the reason that its pulls fail, as sentences.
    private let suspicions: [String]

    /// `health` is the health page that contains the peer.
    init(
        _ peer: JSONTree,
        of health: JSONTree,
        in wisdom: JSONTree,
        events: [ShownEvent]?,
        pulls: String? = nil
    ) {
        (self.peer, self.wisdom, self.events, self.pulls) = (peer, wisdom, events, pulls)
        suspicions = health["self"]["causes"].items
            .compactMap { $0.string.flatMap(SelfVerdict.Cause.init)?.reason }
            .map { "This" + $0.dropFirst(4) + "." }
    }

    /// The influence of the peer on N; nil unless it counted at the last tick.
    var influence: JSONTree? {
        wisdom["influence"].items.first { $0["peer"].string == peer["id"].string }
    }

    private var name: String { peer["id"].string ?? "?" }
    private var url: String { peer["url"].string ?? "?" }
    private var state: String { peer["state"].string ?? "?" }
    private var isStale: Bool { PeerRow(peer).isStale }

    var text: String { lines.joined(separator: "\n") }

    var lines: [String] {
        var lines = [stateLine] + suspicions
        if let stale = staleLine { lines.append(stale) }
        if let failure = failureLine { lines.append(failure) }
        lines += ["", "quality \(rounded("quality"))\(interval(of: "quality"))"] + terms
        if let sentence = influenceLine { lines += ["", sentence] }
        lines += ["", "last events"]
        lines += eventLines
        if let advice {
            lines += ["", "what to try", "  " + advice.text]
            lines.append(
                "  /usr/share/doc/nova-federation/docs/runbook.md#\(advice.section.lowercased()) "
                    + "(\(advice.section))"
            )
        }
        return lines.map { $0.printable(upTo: 400) }
    }

    private var eventLines: [String] {
        guard let events else { return ["  not known yet"] }
        if events.isEmpty { return ["  none"] }
        return events.reversed().map { "  " + $0.line(named: false) }
    }

    private var stateLine: String {
        let since = peer["state_age"].number.map { ", for \($0.inWords)" } ?? ""
        let seen = peer["age"].number.map { "; the last good pull was \($0.inWords) ago" } ?? ""
        let live = peer["live"].bool == true ? ", live" : ", not live"
        return "\(name) is \(state)\(since)\(live)\(seen). \(url)"
    }

    private var staleLine: String? {
        guard isStale else { return nil }
        let age = peer["numbers_age"].number.map { " for \($0.inWords)" } ?? ""
        return "Its numbers have not changed\(age): it is stale and does not count."
    }

    /// What to try, and a section of the runbook; nil if nothing is wrong.
    private var advice: (text: String, section: String)? {
        if isStale { return (PeerAdvice.textForStale(url: url), PeerAdvice.staleSection) }
        guard state != "up", let reason = peer["last_failure"]["reason"].string else { return nil }
        let text = PeerAdvice.text(for: reason, url: url) ?? "Check the peer's log."
        return (text, PeerAdvice.section(for: reason))
    }

    private var failureLine: String? {
        let failure = peer["last_failure"]
        guard let reason = failure["reason"].string else { return nil }
        let phase = failure["phase"].string.map { " in \($0)" } ?? ""
        let status = failure["status"].integer.map { ", status \($0)" } ?? ""
        let age = failure["age"].number.map { ", \($0.inWords) ago" } ?? ""
        return "The last failed pull: \(reason)\(phase)\(status)\(age): "
            + (failure["detail"].string ?? "")
    }

    private var influenceLine: String? {
        guard let without = influence?["novelty_without"].number,
            let novelty = wisdom["novelty"].number
        else { return nil }
        return "Without \(name), N would be \(without.fixed(2)) instead of \(novelty.fixed(2))."
    }

    /// The terms of the quality, with their inputs.
    private var terms: [String] {
        let samples = peer["samples"].integer ?? 0
        let count = samples == 1 ? "1 pull" : "\(samples) pulls"
        let success = interval(of: "success_rate", confidence: 0.95)
        let age = peer["age"].number.map { "last good pull \($0.inWords) ago" } ?? "no good pull"
        return [
            "  success rate  \(rounded("success_rate"))\(success); \(count)",
            "  latency       \(rounded("latency_score")); \(p95)",
            "  freshness     \(rounded("freshness")); \(age)",
        ] + (pulls.map { ["  latest pulls  \($0)"] } ?? [])
    }

    private var p95: String {
        guard let p95 = peer["p95"].number else { return "no latency" }
        func milliseconds(_ seconds: Double) -> String { "\((seconds * 1_000).fixed(1)) ms" }
        let interval = self.interval(
            of: "p95",
            confidence: peer["p95_confidence"].number,
            as: milliseconds
        )
        return "p95 \(milliseconds(p95))\(interval)"
    }

    /// The interval of a field and its confidence; empty if the node does not report it.
    private func interval(
        of field: String,
        confidence: Double? = nil,
        as text: (Double) -> String = { $0.fixed(2) }
    ) -> String {
        guard let low = peer["\(field)_low"].number, let high = peer["\(field)_high"].number
        else { return "" }
        let sure = confidence.map { " with \(Int(($0 * 100).rounded())) % confidence" } ?? ""
        return ", between \(text(low)) and \(text(high))\(sure)"
    }

    private func rounded(_ field: String) -> String {
        (peer[field].number ?? 0).fixed(2)
    }
}

internal import Federation
internal import Settings
package import StateStore
internal import Timing

extension PeerDetail {
    /// The page at `/peers/NAME` in UTF-8; `events` are the latest of the peer, or why they cannot
    /// be read.
    package func page(events: Result<[ShownEvent], StoreFault>) -> [UInt8] {
        let table = EventTable(
            events: events,
            wall: status.wall,
            filter: filter,
            isOfOnePeer: true
        )
        let pulls = PullTable(
            window,
            now: now,
            length: status.settings.window
        )
        return HTMLDocument(
            title: "\(peer.peer.label) \(peer.state.rawValue) · \(status.identity.nodeID)",
            refresh: filter.isRefreshing ? status.refreshSeconds : nil,
            main: """
                <p><a href="\(filter.link)">\
                All peers of <bdi>\(status.identity.nodeID)</bdi></a></p>
                <h1>\(isolated: peer.peer.label)</h1>
                <p>\(peer.stateHTML(at: status.wall))</p>
                \(stale)
                \(failure)
                \(quality)
                <section aria-labelledby="pulls">
                <h2 id="pulls">Last pulls</h2>
                \(pulls.html)
                </section>
                \(identity)
                <section aria-labelledby="events">
                <h2 id="events">Latest events</h2>
                \(table.html)
                </section>
                """,
            footer: status.footer(
                isRefreshing: filter.isRefreshing,
                toggle: filter.toggled.link(to: peer.peer.label)
            )
        )
        .bytes
    }

    /// The last failed pull, and what to try while the peer is not up.
    private var failure: HTML? {
        guard let failure = peer.lastFailure?.failure, let age = peer.lastFailureAgeSeconds else {
            return peer.state.note.map { "<p>\($0.asSentence)</p>" }
        }
        let isDown = peer.state == .down
        let reason = failure.reason.rawValue
        let detail: HTML? =
            failure.detail.isEmpty ? nil : "<p class=\"text soft\">\(isolated: failure.detail)</p>"
        let section = PeerAdvice.section(for: reason)
        let advice: HTML? =
            isDown
            ? """
            <p>\(PeerAdvice.text(for: reason, url: peer.peer.url) ?? "Check the peer's log.") \
            The runbook has a section \(section).</p>
            """ : nil
        return """
            <section class="\(isDown ? "box bad" : "box")" aria-labelledby="failure">
            <h2 id="failure">Last failed pull</h2>
            <p>\(failure.words.asSentence) <span class="soft">\(reason), \(age.ago)</span></p>
            \(detail)
            \(advice)
            </section>
            """
    }

    /// The quality and its terms with their inputs.
    private var quality: HTML {
        guard let quality = peer.scored else { return "" }
        let scoring = status.settings.scoring
        let weights = scoring.weights.normalized
        let window = scoring.window.inSeconds.asDuration
        let good = Int((quality.successRate * Double(quality.samples)).rounded())
        let rate = quality.successRateBounds
        let cap = scoring.latencyCapSeconds.asDuration
        let tau = scoring.freshnessTauSeconds.asDuration
        let latency =
            quality.latencyP95.map { p95 in
                let bounds = quality.latencyP95Bounds
                    .map { ", between \($0.low.asLatency) and \($0.high.asLatency)" }
                return "p95 \(p95.asLatency)\(bounds ?? ""): 95 of 100 good pulls took at most this"
            } ?? "no good pull has a latency"
        let age = peer.ageSeconds.map { "last good pull \($0.ago)" } ?? "no good pull yet"
        func term(_ name: HTML, _ value: Double, _ weight: Double, _ input: String) -> HTML {
            """
            <tr role="row"><th role="rowheader" scope="row" class="full">\(name)</th>\
            <td role="cell" class="num" data-name="Value">\(value.fixed(2))</td>\
            <td role="cell" class="num" data-name="Weight">\(weight.fixed(2))</td>\
            <td role="cell" class="wide full">\(input)</td></tr>

            """
        }
        let count =
            "\(good.grouped) of \(quality.samples.grouped) pulls in the last \(window) were good; "
            + "with 95\u{A0}% confidence "
            + "the rate is between \(rate.low.fixed(2)) and \(rate.high.fixed(2))"
        return """
            <section aria-labelledby="quality">
            <h2 id="quality">Quality \(peer.qualityHTML)</h2>
            <table class="cards" role="table">
            <caption>The sum of each term times its weight</caption>
            <thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">Term</th>\
            <th role="columnheader" scope="col" class="num">Value</th>\
            <th role="columnheader" scope="col" class="num">Weight</th>\
            <th role="columnheader" scope="col">Computed from</th></tr></thead>
            <tbody role="rowgroup">
            \(term("Success", quality.successRate, weights.success, count))\
            \(term("Latency", quality.latencyScore, weights.latency, "\(latency); 0 from \(cap)"))\
            \(term("Freshness", quality.freshness, weights.freshness, "\(age); 0.37 after \(tau)"))\
            </tbody>
            </table>
            </section>
            """
    }

    /// How far the peer moves N; nil if it does not count.
    private var influence: Influence? {
        let report = status.report
        return peer.isCounted
            ? Influence.ranked(report.countedPeers, novelty: report.novelty)
                .first { $0.peer.label == peer.peer.label } : nil
    }

    private var identity: HTML {
        let counts =
            if peer.isCounted {
                "yes"
            } else if let holder = peer.holder {
                "no: \(holder) counts for its node id"
            } else {
                peer.staleAge == nil ? "no: it is not live" : "no: its numbers are stale"
            }
        let clock = peer.tsAgeSeconds.map { age -> String in
            if age.magnitude < 1 { return "that of the pull" }
            return "\(age.magnitude.asDuration) \(age < 0 ? "after" : "before") the pull"
        }
        func fact(_ name: HTML, _ value: String?) -> HTML? {
            value.map { "<div><dt>\(name)</dt><dd>\(isolated: $0)</dd></div>\n" }
        }
        return """
            <section aria-labelledby="identity">
            <h2 id="identity">Identity</h2>
            <dl class="facts">
            \(fact("URL", peer.peer.url))\(fact("Node id", peer.nodeID ?? "unknown"))\
            \(fact("Version", peer.version))\(fact("Identity", peer.identity.words))\
            \(fact("Unusual", peer.oddity))\(fact("Counts for N", counts))\
            \(fact("N without it", influence.map { $0.noveltyWithout.fixed(2) }))\
            \(fact("G*", peer.gStar.map { $0.fixed(2) }))\
            \(fact("Time of its numbers", clock))\
            \(fact("Last seen", peer.ageSeconds.map(\.ago) ?? "never"))</dl>
            </section>
            """
    }
}

extension IdentityState {
    fileprivate var words: String {
        switch self {
        case .ok: "ok"
        case .itself: "self: this node itself"
        case .clone: "clone: another process with this node's id"
        case .duplicate: "duplicate: another peer has the same node id"
        case .changing: "changing: several nodes behind one URL"
        case .unknown: "unknown: it has not responded"
        }
    }
}

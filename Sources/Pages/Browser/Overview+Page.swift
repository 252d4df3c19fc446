internal import Federation
internal import Settings
package import StateStore
internal import Timing

extension Overview {
    /// The page at `/` in UTF-8; `events` are the latest, or why they cannot be read.
    package func page(events: Result<[ShownEvent], StoreFault>) -> [UInt8] {
        let down = status.report.peers.count { $0.state == .down }
        let table = EventTable(
            events: events,
            wall: status.wall,
            filter: filter,
            isOfOnePeer: false
        )
        return HTMLDocument(
            title: (down > 0 ? "\(down.grouped) down · " : "") + status.identity.nodeID,
            refresh: filter.isRefreshing ? status.refreshSeconds : nil,
            main: """
                <h1>\(isolated: status.identity.nodeID)</h1>
                <p>\(readiness)</p>
                \(wrong)
                \(tiles)
                \(peers)
                <section aria-labelledby="events">
                <h2 id="events">Latest events</h2>
                \(table.html)
                </section>
                \(facts)
                """,
            footer: status.footer(
                isRefreshing: filter.isRefreshing,
                toggle: filter.toggled.link
            )
        )
        .bytes
    }

    /// The state of this node in a sentence.
    private var readiness: HTML {
        if status.isDraining {
            return """
                <span class="state">\(Drawing.Mark.odd.html)draining</span> This node is shutting \
                down. It still serves its pages.
                """
        }
        switch status.mode {
        case .off:
            return """
                <span class="state">\(Drawing.Mark.pending.html)off</span> Federation is off: \
                nothing is pulled. FEDERATION_ENABLED=1 turns it on.
                """
        case .singleNode:
            return """
                <span class="state">\(Drawing.Mark.ownNode.html)single node</span> \
                \(Mode.singleNodeNotice.asSentence)
                """
        case .peerSync where status.isReady:
            return """
                <span class="state">\(Drawing.Mark.good.html)ready</span> This node pulls its \
                peers, and enough of them are live.
                """
        case .peerSync:
            return """
                <span class="state">\(Drawing.Mark.bad.html)not ready</span> This node pulls its \
                peers, but not enough of them are live.
                """
        }
    }

    private var wrong: HTML {
        guard !faults.list.isEmpty else {
            return """
                <section class="box good" aria-labelledby="wrong">
                <h2 id="wrong">What is wrong now</h2>
                <p>\(Drawing.Mark.good.html)Nothing is wrong.</p>
                </section>
                """
        }
        let items: [HTML] = faults.list.map { "<li>\($0.withGroupedCount.asSentence)</li>\n" }
        return """
            <section class="box bad" aria-labelledby="wrong">
            <h2 id="wrong">What is wrong now</h2>
            <ul>
            \(items)</ul>
            </section>
            """
    }

    private var tiles: HTML {
        let report = status.report
        let gStar = status.local.metrics.map { $0.gStar.fixed(2) } ?? "–"
        let configured = status.settings.peers.count
        return """
            <section class="tiles" aria-label="Numbers">
            <div class="box"><h2>Novelty, N</h2>
            <strong>\(report.novelty.fixed(2))</strong> \(noveltySentence)</div>
            <div class="box"><h2>Generativity, G*</h2>
            <strong>\(gStar)</strong> \(gStarSentence)</div>
            <div class="box"><h2>Live peers</h2>
            <strong>\(report.liveCount.grouped) of \(configured.grouped)</strong> \
            \(liveSentence)</div>
            </section>
            """
    }

    private var noveltySentence: String {
        let report = status.report
        if status.mode != .peerSync { return "No peer is pulled, so there is nothing to compare." }
        if report.liveCount < Generativity.fewestPeers {
            return "N compares the G* of at least two live peers. With fewer it is 0."
        }
        if report.novelty < 0.005 {
            return faults.list.isEmpty
                ? "All peers agree: N is 0, and nothing is wrong."
                : "All live peers agree: their G* are equal, so N is 0."
        }
        return "How much the G* of the live peers differ: 0 if all are equal, at most 1."
            + influenceSentence
    }

    /// The node with the most influence, if it is large.
    private var influenceSentence: String {
        let report = status.report
        guard report.liveCount > 2,
            let first = Influence.ranked(report.countedPeers, novelty: report.novelty).first,
            first.influence.magnitude > Influence.large
        else { return "" }
        return " Without \(first.peer.label) it would be \(first.noveltyWithout.fixed(2))."
    }

    private var gStarSentence: String {
        guard status.mode != .off else { return "Nothing is computed while federation is off." }
        guard status.local.metrics != nil else {
            return "The local source has not provided numbers yet."
        }
        let cap = Generativity.singleNodeCap.fixed(2)
        return "How much this node progresses, how diverse its peers are, and how steady it is: "
            + "0 to 1" + (status.local.isCapped ? ", at most \(cap) without two live peers." : ".")
    }

    private var liveSentence: String {
        let age = status.settings.scoring.maxAge.inSeconds.asDuration
        return switch status.mode {
        case .off: "No peer is pulled while federation is off."
        case .singleNode where status.settings.peers.isEmpty: "No peers are configured."
        case .singleNode: "No peer is pulled: NOVA_FED_SYNC_ENABLED is not 1."
        case .peerSync:
            "A peer is live if it responded in the last \(age) with numbers that are not stale. At "
                + "most one counts per node id."
        }
    }

    private var facts: HTML {
        let settings = status.settings
        let interval: HTML? =
            status.mode == .peerSync
            ? """
            <div><dt>Pulls each peer every</dt><dd>\(settings.interval.inSeconds.asDuration)
            <small>and rates its pulls of the last \(settings.window.inSeconds.asDuration)</small>\
            </dd></div>

            """ : nil
        let reload = UTCTime.html(status.lastReload.lastGood)
        return """
            <section aria-labelledby="facts">
            <h2 id="facts">This node</h2>
            <dl class="facts">
            <div><dt>Mode</dt><dd>\(settings.mode.words)</dd></div>
            <div><dt>Context</dt><dd>\(status.local.context.rawValue)
            <small>federated with \(settings.contextMinPeers) live peers or more</small></dd></div>
            <div><dt>Running for</dt><dd>\(status.uptime.asDuration)</dd></div>
            <div><dt>Version</dt><dd>\(isolated: settings.version)</dd></div>
            <div><dt>Id of this run</dt><dd>\(status.identity.instance)
            <small>another one after each start</small></dd></div>
            \(interval)<div><dt>Settings read</dt><dd>\(reload)</dd></div>
            </dl>
            </section>
            """
    }
}

extension Mode {
    fileprivate var words: String {
        switch self {
        case .off: "federation is off"
        case .singleNode: "single node: pulls no peer"
        case .peerSync: "pulls its peers"
        }
    }
}

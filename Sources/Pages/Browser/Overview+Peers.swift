internal import Federation
internal import Settings
internal import Timing

extension Overview {
    /// The list of peers with its filter; empty if no peer is pulled.
    var peers: HTML {
        guard !status.report.peers.isEmpty else { return "" }
        let content: HTML = rows.isEmpty ? "<p class=\"box\">No peer matches.</p>" : table
        return """
            <section aria-labelledby="peers">
            <h2 id="peers">Peers</h2>
            \(states)
            \(form)
            \(content)
            \(pager)
            \(legend)
            </section>
            """
    }

    /// A link for each state that occurs, with its count.
    private var states: HTML {
        func item(_ state: PeerState?, _ count: Int) -> HTML {
            let current: HTML? = filter.state == state ? " aria-current=\"true\"" : nil
            let words: HTML = state.map { "\($0.mark.html)\($0.rawValue)" } ?? "all"
            let link = filter.with(state: state).link
            return "<li><a href=\"\(link)\"\(current)>\(words) \(count.grouped)</a></li>\n"
        }
        let found = PeerState.allCases.filter { counts[$0] != nil || $0 == filter.state }
            .sorted { $0.rank < $1.rank }
        let items = found.map { item($0, counts[$0] ?? 0) }
        return """
            <nav aria-label="Peers by state"><ul class="choice">
            \(item(nil, counts.values.reduce(0, +)))\(items)</ul></nav>
            """
    }

    private var form: HTML {
        let state: HTML? = filter.state.map {
            "<input type=\"hidden\" name=\"state\" value=\"\($0.rawValue)\"/>"
        }
        let refresh: HTML? =
            filter.isRefreshing ? nil : "<input type=\"hidden\" name=\"refresh\" value=\"0\"/>"
        var all = filter.with(state: filter.state)
        all.text = ""
        let clear: HTML? = filter.text.isEmpty ? nil : "<a href=\"\(all.link)\">Show all</a>"
        return """
            <form action="/" method="get" role="search">\(state)\(refresh)\
            <label for="q">Name, URL, node id or reason contains\
            <input id="q" name="q" type="search" maxlength="\(PeerFilter.textLimit)" \
            value="\(filter.text)"/></label><button>Filter</button>\(clear)</form>
            """
    }

    private var table: HTML {
        let first = (page - 1) * Self.peersPerPage + 1
        return """
            <table class="cards" role="table">
            <caption>Worst first, \(first.grouped) to \((first + rows.count - 1).grouped) \
            of \(matching.grouped)</caption>
            <thead role="rowgroup"><tr role="row">
            <th role="columnheader" scope="col">Peer</th>
            <th role="columnheader" scope="col">State</th>
            <th role="columnheader" scope="col" class="num">Quality</th>
            <th role="columnheader" scope="col" class="num">Success</th>
            <th role="columnheader" scope="col" class="num">\(Self.p95)</th>
            <th role="columnheader" scope="col" class="num">Last seen</th>
            <th role="columnheader" scope="col">Pulls</th>
            </tr></thead>
            <tbody role="rowgroup">
            \(rows.map(html))</tbody>
            </table>
            """
    }

    private static let p95: HTML =
        "<abbr title=\"95 of 100 good pulls took at most this long\">p95</abbr>"

    private func html(_ row: Row) -> HTML {
        let peer = row.peer
        let window = status.settings.window
        let node: HTML? = peer.nodeID.map { "<small>\(isolated: $0)</small>" }
        let oddity: HTML? = peer.oddity.map { "<small>\(Drawing.Mark.odd.html)\($0)</small>" }
        let failure: HTML? = peer.failureWords(within: window.inSeconds)
            .map { "<small>\($0)</small>" }
        let plot = WindowPlot(row.window, now: now, length: window)
        return """
            <tr role="row"><th role="rowheader" scope="row" class="full">\
            <a href="\(filter.link(to: peer.peer.label))">\
            \(isolated: peer.peer.label)</a>\(node)\(oddity)</th>\
            <td role="cell" class="full">\(peer.stateHTML(at: status.wall))\(failure)</td>\
            <td role="cell" class="num" data-name="Quality">\(peer.qualityHTML)</td>\
            <td role="cell" class="num" data-name="Success">\
            \(peer.scored.map { $0.successRate.asPercentage } ?? "–")</td>\
            <td role="cell" class="num" data-name="p95">\
            \(peer.quality.latencyP95.map(\.asLatency) ?? "–")</td>\
            <td role="cell" class="num" data-name="Last seen">\
            \(peer.ageSeconds.map(\.ago) ?? "never")</td>\
            <td role="cell" class="full" data-name="Pulls">\(plot.html)</td></tr>

            """
    }

    private var pager: HTML? {
        guard pageCount > 1 else { return nil }
        func link(_ page: Int, _ words: HTML, _ relation: String) -> HTML {
            guard 1...pageCount ~= page else { return "<span></span>" }
            let link = filter.with(state: filter.state, page: page).link
            return "<a href=\"\(link)\" rel=\"\(relation)\">\(words)</a>"
        }
        return """
            <nav class="pager" aria-label="Pages of peers">\(link(page - 1, "Previous", "prev"))\
            <span>Page \(page) of \(pageCount)</span>\(link(page + 1, "Next", "next"))</nav>
            """
    }

    private var legend: HTML {
        """
        <details><summary>What the columns mean</summary>
        <dl>
        <dt>State</dt><dd>Whether the peer responds to pulls, which are requests for its numbers: \
        up, down, unknown (not pulled yet), self (this node) or clone (another process with this \
        node's id).</dd>
        <dt>Quality</dt><dd>Success, latency and freshness as one number, 0 to 1.</dd>
        <dt>Success</dt><dd>Good pulls of all pulls in the last \
        \(status.settings.window.inSeconds.asDuration).</dd>
        <dt>p95</dt><dd>95 of 100 good pulls took at most this long.</dd>
        <dt>Last seen</dt><dd>The time since the last good pull.</dd>
        <dt>Pulls</dt><dd>Each pull of that time, oldest on the left. A line is a good pull; its \
        height is the time it took, compared with the other pulls of its peer. A cross is a failed \
        pull. A ring is a good pull that this node delayed itself, so its time is unknown.</dd>
        </dl>
        </details>
        """
    }
}

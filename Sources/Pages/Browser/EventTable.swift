internal import Federation
internal import StateStore

/// Events as a table, newest first.
struct EventTable {
    /// The events, or why they cannot be read.
    let events: Result<[ShownEvent], StoreFault>
    /// Unix seconds now.
    let wall: Double
    /// Whether the events are those of one peer, so that the table needs no column for it.
    let isOfOnePeer: Bool

    var html: HTML {
        switch events {
        case .failure(let fault):
            "<p class=\"box bad\">The events cannot be read: \("\(fault)".asSentence)</p>"
        case .success(let events) where events.isEmpty: "<p class=\"soft\">None yet.</p>"
        case .success(let events): table(events)
        }
    }

    private func table(_ events: [ShownEvent]) -> HTML {
        """
        <table class="cards" role="table">
        <caption>Newest first, times in UTC</caption>
        <thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">Time</th>\
        \(isOfOnePeer ? "" : "<th role=\"columnheader\" scope=\"col\">Peer</th>" as HTML)\
        <th role="columnheader" scope="col">Event</th></tr></thead>
        <tbody role="rowgroup">
        \(events.map(row))</tbody>
        </table>
        """
    }

    private func row(_ event: ShownEvent) -> HTML {
        let peer: HTML =
            event.peer.map { "<a href=\"/peers/\($0.escapedForURL)\">\(isolated: $0)</a>" }
            ?? "this node"
        let cell: HTML? = isOfOnePeer ? nil : "<td role=\"cell\">\(peer)</td>"
        // Commands have the same limit.
        let text = String(String.UnicodeScalarView(event.text.unicodeScalars.prefix(300)))
        return """
            <tr role="row"><th class="time" role="rowheader" scope="row">\(UTCTime.html(event.at)) \
            <small>\(max(0, wall - event.at).ago)</small></th>\(cell)\
            <td role="cell" class="wide text full">\(event.mark.html)\(isolated: text)</td></tr>

            """
    }
}

extension ShownEvent {
    fileprivate var mark: Drawing.Mark {
        switch EventKind(rawValue: kind) {
        case .peerDown, .sourceFailed, .reloadFailed, .stateReset: .bad
        case .peerUp, .sourceRecovered: .good
        case .peerFlapping, .identity: .odd
        case .start, .stop, .reload, .context, .regime: .ownNode
        case .peerAdded, .peerRemoved, nil: .pending
        }
    }
}

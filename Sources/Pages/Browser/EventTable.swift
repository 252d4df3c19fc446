internal import Federation
internal import StateStore
internal import Timing

/// Events as a table, newest first.
struct EventTable {
    /// The events, or why they cannot be read.
    let events: Result<[ShownEvent], StoreFault>
    /// Unix seconds now.
    let wall: Double
    /// Its pages of peers refresh themselves as this page does.
    let filter: PeerFilter
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
            event.peer.map { "<a href=\"\(filter.link(to: $0))\">\(isolated: $0)</a>" }
            ?? "this\u{A0}node"
        let cell: HTML? = isOfOnePeer ? nil : "<td role=\"cell\">\(peer)</td>"
        let detail: HTML? = event.failureDetail.map { "<small>\(isolated: $0.cut)</small>" }
        return """
            <tr role="row"><th class="time" role="rowheader" scope="row">\(UTCTime.html(event.at)) \
            <small>\(max(0, wall - event.at).ago)</small></th>\(cell)\
            <td role="cell" class="wide text full">\
            \(event.mark.html)\(isolated: event.words.cut)\(detail)</td></tr>

            """
    }
}

extension String {
    /// Commands have the same limit.
    fileprivate var cut: String { String(String.UnicodeScalarView(unicodeScalars.prefix(300))) }
}

extension ShownEvent {
    /// What happened, with a failure in the words of the list of peers, without its detail.
    fileprivate var words: String {
        guard let reason, let known = FailureReason(rawValue: reason) else { return text }
        let stage = phase.flatMap(PullStage.init(rawValue:))
        return text(failure: Failure(known, stage: stage, status: status).words)
    }

    /// What `words` omits.
    fileprivate var failureDetail: String? {
        let isKnown = reason.flatMap(FailureReason.init(rawValue:)) != nil
        return kind == EventKind.peerDown.rawValue && isKnown ? detail : nil
    }

    fileprivate var mark: Drawing.Mark {
        switch EventKind(rawValue: kind) {
        case .peerDown, .sourceFailed, .reloadFailed, .stateReset: .bad
        case .peerUp, .fresh, .sourceRecovered: .good
        case .peerFlapping, .identity, .stale, .suspect: .odd
        case .start, .stop, .reload, .context, .regime: .ownNode
        case .peerAdded, .peerRemoved, nil: .pending
        }
    }
}

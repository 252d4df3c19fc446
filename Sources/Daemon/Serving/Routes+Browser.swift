import Federation
import MicroHTTPServer
import Pages
import Settings
import StateStore

/// The pages for browsers.
extension Routes {
    /// `/`: this node and its peers, filtered by the parameters.
    func overview(_ request: Request) -> Answer {
        do throws(ParameterFault) {
            let filter = try PeerFilter(parameters: request.parameters)
            return browserPage(key: "/ \(filter)") {
                let latest = events.latest(EventQuery(limit: Overview.eventCount))
                return .html(200, selection(filter).page(events: latest))
            }
        } catch {
            return .page(Page(.html(400, FaultPage.badParameter(error))))
        }
    }

    /// `/peers/NAME`; the name is percent-encoded.
    func peer(named name: String, _ request: Request) -> Answer {
        do throws(ParameterFault) {
            let filter = try PeerFilter(parameters: request.parameters, allowed: ["refresh"])
            return peer(labelled: name.unescaped, filter)
        } catch {
            return .page(Page(.html(400, FaultPage.badParameter(error))))
        }
    }

    private func peer(labelled label: String, _ filter: PeerFilter) -> Answer {
        let settings = board.inForce.settings
        guard settings.mode == .peerSync, settings.peers.contains(where: { $0.label == label })
        else { return .page(Page(.html(404, FaultPage.noPeer(named: label)))) }
        return browserPage(key: "/peers/ \(filter.isRefreshing) \(label)") {
            var query = EventQuery(limit: PeerDetail.eventCount)
            query.peer = label
            let latest = events.latest(query)
            // A reload may have removed it meanwhile.
            guard let peer = detail(of: label, filter) else {
                return .html(404, FaultPage.noPeer(named: label))
            }
            return .html(200, peer.page(events: latest))
        }
    }

    // Separate functions, so that the ledger is released before the page is rendered.

    private func selection(_ filter: PeerFilter) -> Overview {
        let (status, ledger, now) = board.snapshot()
        return Overview(of: status, in: ledger, at: now, filter)
    }

    private func detail(of label: String, _ filter: PeerFilter) -> PeerDetail? {
        let (status, ledger, now) = board.snapshot()
        return PeerDetail(of: label, in: status, ledger, at: now, filter)
    }

    /// A page with events; with a state directory they are read from the disk.
    private func browserPage(
        key: String,
        _ render: @escaping @Sendable () -> Response
    ) -> Answer {
        if events.file != nil { return .queued(key: key, readsDisk: true, render) }
        return isSmall ? .rendered(key: key, render) : .queued(key: key, render)
    }
}

extension Response {
    /// A page for browsers, with the policy that forbids loading anything else.
    fileprivate static func html(_ status: Int, _ body: [UInt8]) -> Response {
        Response(
            status: status,
            contentType: HTMLDocument.contentType,
            headers: [("Content-Security-Policy", HTMLDocument.policy)],
            body: body
        )
    }
}

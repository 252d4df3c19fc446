package import Federation
internal import StateStore

/// Which peers the page for browsers shows, and whether it refreshes itself: the parameters of `/`.
package struct PeerFilter: Hashable, Sendable {
    /// Only peers in this state.
    package var state: PeerState?
    /// Only peers whose label, URL, node id or last failure contains this text, in any case.
    package var text = ""
    /// From 1; a number after the last page means the last page.
    package var page = 1
    /// Whether the browser requests the page again after an interval.
    package var isRefreshing = true

    /// The maximum number of scalars in the text, the same as in the name of a peer.
    static let textLimit = 64
    /// Enough for all peers that a node can have.
    static let pageLimit = 10_000

    package init() {}

    /// The parameters of `/`.
    package static let all = ["state", "q", "page", "refresh"]

    /// Reads decoded parameters of a URL; ignores empty ones, because forms send them.
    ///
    /// A parameter that is not `allowed` is a fault; every allowed one must be in `all`.
    package init(
        parameters: [(name: String, value: String)],
        allowed: [String] = all
    ) throws(ParameterFault) {
        var seen: Set<String> = []
        for (name, value) in parameters {
            func fault(_ message: String) -> ParameterFault {
                ParameterFault(name: name, message: message)
            }
            guard allowed.contains(name) else {
                let names = allowed.joined(separator: ", ")
                throw fault("is not a parameter; allowed: \(names)")
            }
            guard seen.insert(name).inserted else { throw fault("may occur only once") }
            switch name {
            case "state":
                state = PeerState(rawValue: value)
                guard state != nil || value.isEmpty else {
                    throw fault("must be one of \(Self.states)")
                }
            case "q":
                guard value.unicodeScalars.count <= Self.textLimit else {
                    throw fault("must have at most \(Self.textLimit) characters")
                }
                text = value
            case "page":
                if value.isEmpty { continue }
                guard let number = Int(value), 1...Self.pageLimit ~= number else {
                    throw fault("must be 1 to \(Self.pageLimit)")
                }
                page = number
            default:
                guard ["", "0", "1"].contains(value) else { throw fault("must be 0 or 1") }
                isRefreshing = value != "0"
            }
        }
    }

    private static let states = PeerState.allCases.map(\.rawValue).joined(separator: ", ")

    /// The URL of the page with this filter.
    var link: String {
        var parameters: [String] = []
        if let state { parameters.append("state=\(state.rawValue)") }
        if !text.isEmpty { parameters.append("q=\(text.escapedForURL)") }
        if page > 1 { parameters.append("page=\(page)") }
        if !isRefreshing { parameters.append("refresh=0") }
        return parameters.isEmpty ? "/" : "/?" + parameters.joined(separator: "&")
    }

    /// The URL of the page of a peer, which refreshes itself as this page does.
    func link(to label: String) -> String {
        "/peers/\(label.escapedForURL)" + (isRefreshing ? "" : "?refresh=0")
    }

    /// The same peers, with or without refreshing.
    var toggled: PeerFilter {
        var filter = self
        filter.isRefreshing.toggle()
        return filter
    }

    /// The same text with another state or page.
    func with(state: PeerState?, page: Int = 1) -> PeerFilter {
        var filter = self
        (filter.state, filter.page) = (state, page)
        return filter
    }
}

/// A response in memory, built once and sent any number of times on any connection.
///
/// To change what is served, replace the page. Connections that still send the old page keep it
/// alive.
package final class Page: Sendable {
    /// The HTTP status.
    package let status: Int
    private let handle: ResponseHandle
    private let bytes: Int
    /// Counts its bytes while it is in memory; nil for a ready page.
    private let counts: PageCounts?

    package convenience init(_ response: Response) {
        self.init(response, closing: false)
    }

    /// A page that closes its connection if `closing`.
    init(_ response: Response, closing: Bool, counts: PageCounts? = nil) {
        self.counts = counts
        bytes = response.body.count
        counts?.hold(bytes)
        var headers = response.headers + Self.headers
        headers.append(("Content-Type", response.contentType))
        if closing { headers.append(("Connection", "close")) }
        status = response.status
        handle = ResponseHandle(body: response.body, headers: headers)
    }

    /// Runs when the last exchange that sends the page ends; the library may keep the response
    /// slightly longer.
    deinit { counts?.release(bytes) }

    /// The headers of every page: browsers must not guess a content type, and caches must not keep
    /// pages whose content changes.
    private static let headers = [
        (name: "Cache-Control", value: "no-store"),
        (name: "X-Content-Type-Options", value: "nosniff"),
    ]

    /// Queues the page as the response; false if there is one already.
    func queue(on connection: borrowing ConnectionHandle) -> Bool {
        connection.queue(status: status, handle)
    }
}

extension Response {
    /// 405; `Allow` lists the allowed methods.
    static let methodNotAllowed = error(
        405,
        "method_not_allowed",
        "only GET and HEAD are served",
        headers: [("Allow", "GET, HEAD")]
    )
    /// 503: no more pages are computed now.
    static func refused(_ reason: PageRefusal) -> Response {
        let headers = [(name: "Retry-After", value: "1")]
        return switch reason {
        case .busy: error(503, "busy", "too many pages are being computed", headers: headers)
        case .backlog:
            error(503, "backlog", "clients that read slowly hold too much", headers: headers)
        }
    }
    /// 503: the page was not computed by its deadline.
    static let late = error(503, "late", "the page was not computed in time")
    /// 503: the server is stopping.
    static let stopping = error(503, "stopping", "the server is stopping")

    /// 400 for an ambiguous request, 421 for one to another server.
    static func refusal(_ fault: HeadFault) -> Response {
        error(fault.status, fault.status == 400 ? "bad_request" : "misdirected", fault.message)
    }
}

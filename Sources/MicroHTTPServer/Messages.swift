internal import JSON

/// A request for the handler: a well-formed GET or HEAD without a body.
///
/// The handler need not distinguish them: the library omits the body of the response to a HEAD.
package struct Request: Sendable {
    /// As received, with escapes and without the query; begins with a slash.
    package var path: String
    /// The first `Accept` header.
    package var accept: String?
    /// The host and port of an absolute target, or else of the `Host` header.
    ///
    /// It is valid, but may be empty, and is nil for an HTTP/1.0 request without one.
    package var host: String?
    /// The parameters of the query, decoded as a form: `%2B` is a plus sign, `+` is a space.
    ///
    /// A parameter without a value has an empty one; bytes that are not UTF-8 are replaced.
    package var parameters: [(name: String, value: String)]
    /// The connection's descriptor; -1 without a connection.
    var socket: CInt

    /// The local address and port of the connection, as in a URL.
    ///
    /// Only while the handler runs, because it asks the system: later the connection may be closed.
    package var reachedAt: String? { localAddress(of: socket) }

    /// The other end of the connection; nil if it is unknown.
    ///
    /// Only while the handler runs.
    package var client: Client? { Client(of: socket) }

    package init(path: String, accept: String? = nil, host: String? = nil) {
        self.init(path: path, accept: accept, host: host, parameters: [], socket: -1)
    }

    init(
        path: String,
        accept: String?,
        host: String?,
        parameters: [(name: String, value: String)],
        socket: CInt
    ) {
        (self.path, self.accept, self.host) = (path, accept, host)
        (self.parameters, self.socket) = (parameters, socket)
    }
}

/// Where a request comes from.
package struct Client: Hashable, Sendable {
    /// IPv6 or IPv4-mapped.
    package var address: UInt128
    package var port: UInt16

    package init(address: UInt128, port: UInt16) { (self.address, self.port) = (address, port) }
}

/// A response as a value; length and date are added when it is sent.
package struct Response: Sendable {
    /// 200 to 599.
    package var status: Int
    package var contentType: String
    /// Other headers; never with data from a client.
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]

    package init(
        status: Int,
        contentType: String,
        headers: [(name: String, value: String)] = [],
        body: [UInt8]
    ) {
        self.status = status
        self.contentType = contentType
        self.headers = headers
        self.body = body
    }

    /// An error as JSON, `{"error":…,"message":…}`.
    ///
    /// Both texts are literals, so they contain nothing that a client sent.
    package static func error(
        _ status: Int,
        _ error: StaticString,
        _ message: StaticString,
        headers: [(name: String, value: String)] = []
    ) -> Response {
        let body: JSONOutput = [
            "error": .string(error.description), "message": .string(message.description),
        ]
        return Response(
            status: status,
            contentType: "application/json",
            headers: headers,
            body: body.bytes
        )
    }
}

/// How a request is answered.
package enum Answer: Sendable {
    /// With a page in memory.
    case page(Page)
    /// With a small page, rendered by the thread that serves the connection.
    ///
    /// Waking another thread would cost more than the page. The other connections of the thread
    /// wait meanwhile.
    case rendered(key: String? = nil, @Sendable () -> Response)
    /// With a large page, rendered by a separate thread while the connection is suspended.
    ///
    /// Requests with equal keys may get the same page (see `ComputedPages`). So the key of a page,
    /// small or large, must contain everything in the request that the page depends on.
    ///
    /// A page that `readsDisk` has another thread, so that a disk that hangs delays no other page.
    case queued(key: String? = nil, readsDisk: Bool = false, @Sendable () -> Response)
}

/// Responds to requests.
package protocol Handler: Sendable {
    /// Called on a thread that serves many connections, so it must not block.
    func answer(_ request: Request) -> Answer
}

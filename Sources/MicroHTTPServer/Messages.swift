internal import JSON

/// The methods that reach the handler; all others are refused.
package enum Method: Sendable {
    case get
    /// Like `get`; the library omits the body of the response.
    case head
}

/// A request that the handler may answer: well-formed, GET or HEAD, and without a body.
package struct Request: Sendable {
    package var method: Method
    /// As it was sent, escapes included and the query cut off; begins with a slash.
    package var path: String
    /// The `Accept` header, the first if there are several.
    package var accept: String?
    /// The host and port of the request: of an absolute target, else of the `Host` header.
    ///
    /// It has the form of one, though it may be empty; only HTTP/1.0 may do without.
    package var host: String?
    /// The connection's descriptor; -1 without a connection.
    var socket: CInt = -1

    /// The address and port at which the connection was accepted, as in a URL.
    ///
    /// Asks the system, so only while the handler is called: later the connection may be gone.
    package var reachedAt: String? { localAddress(of: socket) }

    package init(method: Method, path: String, accept: String? = nil, host: String? = nil) {
        self.method = method
        self.path = path
        self.accept = accept
        self.host = host
    }
}

/// A response as a value; length and date are added when it is sent.
package struct Response: Sendable {
    /// 200 to 599.
    package var status: Int
    package var contentType: String
    /// Other headers; names and values are ours, never a client's.
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
    /// With a page that is in memory already.
    case page(Page)
    /// With a small page, which the thread that serves the connection renders at once.
    ///
    /// Waking another thread would cost more than the page. The other connections of the thread
    /// wait meanwhile.
    case rendered(key: String? = nil, @Sendable () -> Response)
    /// With a large page, which a thread of its own renders. The connection waits without a thread.
    ///
    /// Requests with equal keys may get the same page; see `ComputedPages` for when. So the key of
    /// a page, small or large, must name everything in the request that the page depends on.
    case queued(key: String? = nil, @Sendable () -> Response)
}

/// Responds to requests.
package protocol Handler: Sendable {
    /// Called on a thread of the server, which it must not block: it serves many connections.
    func answer(_ request: Request) -> Answer
}

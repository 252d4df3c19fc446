/// Where a server listens, and its limits: each explicit, none left to the library's defaults.
package struct Configuration: Sendable {
    /// A numeric address, or a name that the system resolves; IPv6 without brackets.
    ///
    /// `0.0.0.0` is every IPv4 address, `::` every address.
    package var host: String
    /// 0 lets the system choose; `MicroHTTPServer.port` then says which.
    package var port: UInt16
    /// Connections at once.
    ///
    /// A sixteenth is kept free for new ones: idle connections are closed for that, the longest
    /// idle first (see `ConnectionTable`).
    package var maxConnections = 4096
    /// Connections at once from one address, 0 for no limit; more are closed as they come.
    package var maxConnectionsPerAddress = 0
    /// After this time without a byte a connection is closed; counted in whole seconds.
    ///
    /// It bounds silence; the next three bound how long a request and a response take.
    package var idleTimeout: Duration = .seconds(120)
    /// A request must be complete so long after its first byte, noticed within a second.
    package var requestTimeout: Duration = .seconds(10)
    /// A new connection may be silent for so long.
    package var firstByteTimeout: Duration = .seconds(30)
    /// A client that is sent a response must take some of it within this time.
    package var stallTimeout: Duration = .seconds(10)
    /// Memory of one connection: request line and headers must fit, or get 414 or 431.
    package var maxRequestBytes = 16 * 1024
    /// Large pages that wait to be rendered or are being rendered; one more gets a 503.
    package var maxComputed = 64
    /// Bytes of computed pages in memory; while clients hold as many, a computed page gets a 503.
    ///
    /// At most the pages that are being rendered when it is reached go beyond it.
    package var maxResponseBytes = 128 << 20
    /// While clients hold more than a sixteenth of it, a request may get a page whose computation
    /// began before it, by no more than `maxPageAge`.
    var maxFreshBytes: Int { maxResponseBytes / 16 }
    /// Shorter than any sensible interval of scrapes, so that none gets one page twice.
    package var maxPageAge: Duration = .seconds(1)
    /// A page not computed by then gets a 503, counted from the request.
    package var pageDeadline: Duration = .seconds(10)
    /// Stopping waits no longer than this for answers to be sent.
    package var stopDeadline: Duration = .seconds(11)
    /// Stopping waits this long for clients to close connections on which nothing happens.
    package var idleGrace: Duration = .seconds(1)
    /// Threads that serve connections; 2 or more.
    package var threads = 2
    /// Connections that the kernel holds until they are accepted, at most net.core.somaxconn.
    ///
    /// Beyond it a client's kernel tries again after a second.
    package var backlog = 4096

    package init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }

    /// As in a URL: `127.0.0.1:8100`, `[::1]:8100`.
    var address: String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}

/// Why a server cannot serve.
package enum ServerError: Error, Equatable, CustomStringConvertible {
    /// Another process listens on this host and port.
    case addressInUse(String)
    /// The system or the library refused; the text says what and why.
    case cannotListen(String)
    /// The library of this version lays heads out in an unknown way; see `HeadLayoutCheck`.
    case unknownLayout(String)
    /// The system refused a thread or a descriptor: the call, and its errno.
    case noSystemResource(String, CInt)

    package var description: String {
        switch self {
        case .addressInUse(let address): "\(address) is in use"
        case .cannotListen(let reason): reason
        case .unknownLayout(let version):
            "libmicrohttpd \(version) does not store requests as version 0.9.75 does, so requests "
                + "with hidden parts could not be refused; install libmicrohttpd12 of Debian 12"
        case .noSystemResource(let call, let code): "\(call) failed: error \(code)"
        }
    }
}

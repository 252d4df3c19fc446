package import Trust

/// The address of a server and all its limits; none is left to the library's default.
package struct Configuration: Sendable {
    /// A numeric address or a name; IPv6 without brackets, `::` for every address.
    package var host: String
    /// 0 lets the system choose; `MicroHTTPServer.port` is the result.
    package var port: UInt16
    /// The lowest version of TLS that is accepted; nil for plain TCP.
    package var minimumTLS: TLSVersion?
    /// Maximum number of connections; a sixteenth is kept free for new ones by eviction.
    package var maxConnections = 4096
    /// Maximum number of connections of one client address; 0 = unlimited.
    package var maxConnectionsPerAddress = 0
    /// A connection without data for this time is closed; whole seconds.
    package var idleTimeout: Duration = .seconds(120)
    /// A request must be complete this long after its first byte; checked once a second.
    package var requestTimeout: Duration = .seconds(10)
    /// The first byte on a new connection must arrive within this time.
    package var firstByteTimeout: Duration = .seconds(30)
    /// A client must read some of its response within this time.
    package var stallTimeout: Duration = .seconds(10)
    /// Memory of one connection; a request line or headers that do not fit get 414 or 431.
    package var maxRequestBytes = 16 * 1024
    /// Maximum number of large pages that wait or are being rendered; one more gets a 503.
    package var maxComputed = 64
    /// Maximum bytes of computed pages in memory; once they are reached, a request gets a 503.
    ///
    /// Pages that are being rendered at that moment may exceed it.
    package var maxResponseBytes = 128 << 20
    /// Above this, a request may get a page whose rendering started up to `maxPageAge` before it.
    var maxFreshBytes: Int { maxResponseBytes / 16 }
    /// Shorter than any sensible scrape interval, so that no client gets the same page twice.
    package var maxPageAge: Duration = .seconds(1)
    /// A page not computed this long after the request gets a 503.
    package var pageDeadline: Duration = .seconds(10)
    /// The longest time that stopping waits for responses to be sent.
    package var stopDeadline: Duration = .seconds(11)
    /// How long stopping waits for clients to close idle connections.
    package var idleGrace: Duration = .seconds(1)
    /// The number of threads that serve connections; at least 2.
    package var threads = 2
    /// Maximum number of connections waiting to be accepted, limited by net.core.somaxconn.
    ///
    /// Beyond it, the client's kernel tries again after a second.
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
    /// Another process uses this address and port.
    case addressInUse(String)
    /// The system or the library refused, with the reason.
    case cannotListen(String)
    /// This version of the library stores heads differently; see `HeadLayoutCheck`.
    case unknownLayout(String)
    /// The system refused a thread or a descriptor: the call and its errno.
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

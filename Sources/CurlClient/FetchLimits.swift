package import ClientTLS

/// The limits and the identity of a client, chosen by the caller.
package struct FetchLimits: Equatable, Sendable {
    /// The largest body in bytes, counted as it arrives.
    package var bodyBytes: Int
    /// How many bytes of the body of an error status are kept, in `FetchFailure.body`.
    package var errorBodyBytes = 0
    /// The largest header block of one response in bytes, 1xx responses included.
    package var headerBytes: Int
    /// Keys below this keep their connection open; other keys open a new one for each fetch.
    package var keptConnections: Int
    /// How long a kept connection may idle and still be used.
    package var idleTime: Duration
    /// The maximum age of a connection to a host name, in whole seconds.
    ///
    /// libcurl finds kept connections by name. Without this limit it would keep using an address
    /// that the name no longer has.
    package var namedConnectionLife = Duration.seconds(60)
    /// The maximum age of a TLS connection to an address, in whole seconds.
    ///
    /// Without this limit a certificate that the server has replaced, or that has expired, would
    /// never be noticed.
    package var secureConnectionLife = Duration.seconds(3_600)
    package var tls: TLSOptions
    package var userAgent: String
    package var accept: String

    package init(
        bodyBytes: Int,
        headerBytes: Int,
        keptConnections: Int,
        idleTime: Duration,
        tls: TLSOptions,
        userAgent: String,
        accept: String
    ) {
        self.bodyBytes = bodyBytes
        self.headerBytes = headerBytes
        self.keptConnections = keptConnections
        self.idleTime = idleTime
        self.tls = tls
        self.userAgent = userAgent
        self.accept = accept
    }

    /// The detail of a failure by `bodyBytes`.
    var bodyTooLarge: String { "body larger than \(bodyBytes) bytes" }
    /// The detail of a failure by `headerBytes`.
    var headersTooLarge: String { "headers larger than \(headerBytes) bytes" }
}

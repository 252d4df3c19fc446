package import ClientTLS
package import Timing

/// The result of one fetch.
///
/// Every fetch that starts has exactly one result, unless it is cancelled or its client is freed.
package struct FetchResult: Sendable {
    package var key: Int
    /// When the fetch ended.
    package var ended: Instant
    package var times: Times
    package var outcome: Outcome
    /// Whether the loop was late during the fetch by `LoopTiming.latenessInLatency` or more.
    ///
    /// Then `times` include a delay of this process.
    package var loopWasLate = false
    /// The certificate of the server, if the fetch made a TLS handshake.
    package var certificate: ServerCertificate?

    /// Seconds from the start of the fetch to the end of each phase.
    ///
    /// 0 means that the phase was not reached, or not needed: a kept connection has no connect.
    package struct Times: Sendable {
        package var dns = 0.0
        package var connect = 0.0
        package var tls = 0.0
        package var firstByte = 0.0
        package var total = 0.0
        /// Seconds since the name was last resolved; nil for a host that is an address.
        package var addressAge: Double?
    }

    /// A document or a failure.
    package enum Outcome: Sendable {
        /// A complete 2xx response within the limits; the body may be empty.
        case document([UInt8], status: Int)
        case failed(FetchFailure)
    }
}

/// Why a fetch returned no document.
package struct FetchFailure: Error, Sendable {
    package var cause: Cause
    package var phase: Phase
    /// The status of the response, if one arrived.
    package var status: Int?
    /// The first 64 bytes of the response's content type, if it had one.
    package var contentType: String?
    /// The limit that was exceeded, or libcurl's error text.
    package var detail: String
    /// The body of an error status, if it has at most `FetchLimits.errorBodyBytes`; else empty.
    package var body: [UInt8] = []

    /// The closed set of causes.
    package enum Cause: Hashable, Sendable {
        case nameNotFound
        case connectRefused
        case connectFailed
        case tlsFailed
        /// No trusted authority signed the server's certificate.
        case certificateUntrusted
        /// The server refuses clients without a certificate, and the client has none.
        case certificateRequired
        /// The server refused the client's certificate.
        case certificateRefused
        /// The deadline passed.
        ///
        /// With `loopWasLate`, this process was delayed meanwhile and may itself be the reason.
        case timedOut(loopWasLate: Bool)
        case connectionLost
        case badHTTP
        case status
        case redirected
        /// The body is larger than `FetchLimits.bodyBytes`.
        case bodyTooLarge
        /// The headers are larger than `FetchLimits.headerBytes`.
        case headersTooLarge
        case badEncoding
        case `internal`

        /// Whether the TLS handshake failed.
        package var isTLS: Bool {
            switch self {
            case .tlsFailed, .certificateUntrusted, .certificateRequired, .certificateRefused: true
            default: false
            }
        }
    }

    /// The phase in which the fetch failed.
    package enum Phase: Sendable {
        case dns
        case connect
        case tls
        case firstByte
        case body
    }
}

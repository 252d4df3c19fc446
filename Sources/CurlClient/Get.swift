/// One GET to be made.
package struct Get: Sendable {
    /// The caller's number for what is fetched, from 0 and dense: it comes back with the answer,
    /// and GETs of one key use one kept connection after the other.
    package var key: Int
    /// `http` or `https`, complete.
    package var url: String
    /// The host of the URL if it is a name and has to be looked up; nil if it is an address.
    package var name: String?
    /// The port of the URL.
    package var port: UInt16
    /// From its start to its end, everything included, in nanoseconds.
    package var timeout: Int64

    package init(key: Int, url: String, name: String?, port: UInt16, timeout: Int64) {
        self.key = key
        self.url = url
        self.name = name
        self.port = port
        self.timeout = timeout
    }
}

/// How one GET ended.
///
/// Every GET that was started ends in exactly one of these, unless the client
/// is thrown away before.
package struct Got: Sendable {
    package var key: Int
    /// CLOCK_MONOTONIC in nanoseconds when it ended.
    package var ended: Int64
    package var times: Times
    package var outcome: Outcome
    /// Whether the loop was late while the GET was under way, by more than
    /// `Limits.latenessInLatency`: `times` then are not those of the server.
    package var loopWasLate = false

    /// Seconds from the start to the end of each phase; 0 for a phase that was not needed (a kept
    /// connection has no connect) or not reached.
    package struct Times: Sendable {
        package var dns = 0.0
        package var connect = 0.0
        package var tls = 0.0
        package var firstByte = 0.0
        package var total = 0.0
        /// How long ago the name was last resolved; nil for a host that is an address.
        package var addressAge: Double?
    }

    /// What came back.
    package enum Outcome: Sendable {
        /// A 2xx, whole and within the limits; the body, perhaps empty.
        case document([UInt8], status: Int)
        case failed(GetFailure)
    }
}

/// Why a GET brought no document.
package struct GetFailure: Error, Sendable {
    package var cause: Cause
    package var phase: Phase
    /// The status of the answer, if one came.
    package var status: Int?
    /// The answer's content type, if it had one; bounded.
    package var contentType: String?
    /// The limit that was exceeded, or libcurl's own words, bounded.
    package var detail: String

    /// The closed set of causes.
    package enum Cause: Hashable, Sendable {
        case nameNotFound
        case connectRefused
        case connectFailed
        case tlsFailed
        /// The deadline passed. `loopWasLate` if this process itself was held up while the GET was
        /// under way, so that the other side may not be to blame.
        case timedOut(loopWasLate: Bool)
        case connectionLost
        case badHTTP
        case status
        case redirected
        /// The body is larger than `Limits.bodyBytes`.
        case bodyTooLarge
        /// The headers are larger than `Limits.headerBytes`.
        case headersTooLarge
        case badEncoding
        case `internal`
    }

    /// Where it stood when it failed.
    package enum Phase: Sendable {
        case dns
        case connect
        case tls
        case firstByte
        case body
    }
}

/// Why a pull failed: one reason of a closed set, the only thing about it that a metric may carry.
package enum FailureReason: String, CaseIterable, Sendable {
    /// The name server answered, and the answer was no.
    case dnsFailed = "dns_failed"
    case connectRefused = "connect_refused"
    case connectFailed = "connect_failed"
    case tlsFailed = "tls_failed"
    /// The deadline passed; the stage shows during which part.
    case timedOut = "timed_out"
    /// The connection was reset, or ended before the answer did.
    case connectionLost = "connection_lost"
    /// What came is not HTTP, or contradicts itself about its length.
    case badHTTP = "bad_http"
    /// A status that is neither 2xx nor 3xx.
    case httpStatus = "http_status"
    /// A 3xx; redirects are not followed.
    case redirected
    /// The body or the headers exceed their limit.
    case tooLarge = "too_large"
    /// The body is compressed, which was not asked for.
    case badEncoding = "bad_encoding"
    case notJSON = "not_json"
    case notAnObject = "not_an_object"
    case missingField = "missing_field"
    case wrongType = "wrong_type"
    case outOfRange = "out_of_range"
    /// A fault of our own.
    case `internal`

    /// Which of the three types of error it is.
    package var errorType: ErrorType {
        switch self {
        case .notJSON, .notAnObject, .missingField, .wrongType, .outOfRange: .validation
        case .internal: .unexpected
        default: .http
        }
    }
}

/// The three types of error, coarser than the reasons and older.
package enum ErrorType: String, CaseIterable, Sendable {
    case http = "http_error"
    case validation = "validation_error"
    case unexpected = "unexpected_error"
}

/// The part of a pull during which it ended.
package enum PullStage: String, CaseIterable, Sendable {
    case dns
    case connect
    case tls
    /// The request is sent and nothing has come back.
    case firstByte = "first_byte"
    case body
}

/// How one pull failed, as data.
package struct Failure: Hashable, Sendable {
    package var reason: FailureReason
    /// Where it stood; nil for a body that arrived whole and was refused.
    package var stage: PullStage?
    /// The status of the answer, if there was one.
    package var status: Int?
    /// For the log and the operator: names field and rule, or says what the transport said.
    package var detail: String

    package init(
        _ reason: FailureReason,
        stage: PullStage? = nil,
        status: Int? = nil,
        detail: String = ""
    ) {
        self.reason = reason
        self.stage = stage
        self.status = status
        self.detail = detail
    }
}

/// Why a pull failed; metrics may carry only this reason.
package enum FailureReason: String, CaseIterable, Sendable {
    /// The name server answered that the name does not exist.
    case dnsFailed = "dns_failed"
    case connectRefused = "connect_refused"
    case connectFailed = "connect_failed"
    case tlsFailed = "tls_failed"
    /// The deadline passed; `Failure.stage` shows during which part of the pull.
    case timedOut = "timed_out"
    /// The connection was reset or closed before the response was complete.
    case connectionLost = "connection_lost"
    /// The response is not HTTP, or contradicts itself about its length.
    case badHTTP = "bad_http"
    /// A status other than 2xx and 3xx.
    case httpStatus = "http_status"
    /// A 3xx; redirects are not followed.
    case redirected
    /// The body or the headers exceed their limit.
    case tooLarge = "too_large"
    /// The body is compressed, although no encoding was requested.
    case badEncoding = "bad_encoding"
    case notJSON = "not_json"
    case notAnObject = "not_an_object"
    case missingField = "missing_field"
    case wrongType = "wrong_type"
    case outOfRange = "out_of_range"
    /// A fault of this process.
    case `internal`

    /// The type that this reason belongs to.
    package var errorType: ErrorType {
        switch self {
        case .notJSON, .notAnObject, .missingField, .wrongType, .outOfRange: .validation
        case .internal: .unexpected
        default: .http
        }
    }
}

/// The three error types of the original metrics, coarser than the reasons.
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
    /// The request is sent; the first byte of the response has not arrived.
    case firstByte = "first_byte"
    case body
}

/// The failure of one pull, as a value.
package struct Failure: Error, Hashable, Sendable {
    package var reason: FailureReason
    /// When the pull failed; nil if the body arrived completely and is invalid.
    package var stage: PullStage?
    /// The status of the response, if there is one.
    package var status: Int?
    /// For the log and the operator: the field and its rule, or the message of the transport.
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

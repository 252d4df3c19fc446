internal import Federation

extension FailureReason {
    /// The reason in plain words.
    var words: String {
        switch self {
        case .dnsFailed: "name not found"
        case .connectRefused: "connection refused"
        case .connectFailed: "cannot connect"
        case .tlsFailed: "TLS failed"
        case .timedOut: "timed out"
        case .connectionLost: "connection lost"
        case .badHTTP: "not valid HTTP"
        case .httpStatus: "HTTP error"
        case .redirected: "redirected"
        case .tooLarge: "too large"
        case .badEncoding: "compressed response"
        case .notJSON: "not JSON"
        case .notAnObject: "not a JSON object"
        case .missingField: "missing field"
        case .wrongType: "field of the wrong type"
        case .outOfRange: "number out of range"
        case .internal: "fault of this node"
        }
    }
}

extension Failure {
    /// Such as `timed out during the TLS handshake` or `HTTP error, status 503`.
    var words: String {
        if let status { return "\(reason.words), status \(status)" }
        // Other reasons occur in one stage only, or name it.
        let hasStage = reason == .timedOut || reason == .connectionLost
        return reason.words + (hasStage ? stage.map { " \($0.during)" } ?? "" : "")
    }
}

extension PullStage {
    /// The heading of its duration.
    var heading: String {
        switch self {
        case .dns: "DNS"
        case .connect: "Connect"
        case .tls: "TLS"
        case .firstByte: "First byte"
        case .body: "Body"
        }
    }

    /// When a pull failed, as the end of a sentence.
    var during: String {
        switch self {
        case .dns: "during the name lookup"
        case .connect: "while connecting"
        case .tls: "during the TLS handshake"
        case .firstByte: "before the first byte"
        case .body: "while receiving the body"
        }
    }
}

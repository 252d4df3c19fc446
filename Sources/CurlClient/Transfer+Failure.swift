internal import CCurl
internal import ClientTLS
import Glibc

// The cause, phase and detail of a failure.
extension Transfer {
    /// The detail of a failure, for the operator.
    func detail(of cause: FetchFailure.Cause, _ code: CURLcode) -> String {
        if let fault = receiver.fault, fault.cause == cause { return fault.detail }
        if cause == .headersTooLarge { return limits.headersTooLarge }
        if cause == .status, let hint = certificateHint { return hint }
        // After an error status libcurl's text is "No error".
        guard code != CURLE_OK, receiver.fault == nil else { return "" }
        let explanation = explanation(of: code)
        switch cause {
        case .certificateUntrusted:
            return "no trusted authority signed the certificate of the server: \(explanation)"
        case .certificateRequired:
            return "the server requires a client certificate: \(explanation)"
        case .certificateRefused:
            return "the server refused the client certificate: \(explanation)"
        case .tlsFailed
        where limits.tls.certificate == nil && explanation.contains("alert handshake failure"):
            return "\(explanation); the server may require a client certificate"
        case .tlsFailed, .connectionLost, .timedOut:
            return explanation + (hint(code, explanation).map { "; \($0)" } ?? "")
        default: break
        }
        // libcurl's text does not contain the system's reason.
        guard code == CURLE_COULDNT_CONNECT, systemError != 0 else { return explanation }
        return unsafe "\(explanation): \(String(cString: strerror(systemError)))"
    }

    /// What an error status may mean if the server asked for a client certificate.
    ///
    /// nginx answers with 400.
    private var certificateHint: String? {
        guard attempt.handshake?.wasAskedForCertificate == true,
            [400, 401, 403].contains(receiver.head.status)
        else { return nil }
        return limits.tls.certificate == nil
            ? "the server asked for a client certificate, and this client has none"
            : "the server asked for a client certificate, and may not accept that of this client"
    }

    /// What to do if the handshake or the first response failed; nil if that is unknown.
    private func hint(_ code: CURLcode, _ explanation: String) -> String? {
        let facts = unsafe easy.facts
        if code == CURLE_PEER_FAILED_VERIFICATION {
            switch unsafe facts.verification {
            case 9, 10: return "renew the certificate, or correct the clock of this machine"
            // libcurl checks the name before it stores OpenSSL's result.
            case 1: return "the URL must have a name or an address of the certificate"
            default: return nil
            }
        }
        let phase = unsafe phase(at: facts, code)
        if isSecure, phase == .tls, !explanation.contains(" alert ") {
            return "if the server uses plain HTTP, its URL must begin with http://"
        }
        return !isSecure && phase == .firstByte && code != CURLE_OPERATION_TIMEDOUT
            ? "if the server uses TLS, its URL must begin with https://" : nil
    }

    /// The phase of a failed transfer; libcurl's time of a point that was not reached is 0.
    func phase(at facts: nova_transfer_facts, _ code: CURLcode) -> FetchFailure.Phase {
        if receiver.hasStatusLine { return .body }
        // libcurl counts the end of a connection without a response as a first byte.
        if unsafe facts.start_transfer > 0, code != CURLE_GOT_NOTHING { return .body }
        if unsafe facts.pre_transfer > 0 { return .firstByte }
        // libcurl sets the connect time only together with the TLS time.
        return unsafe facts.local_port > 0 ? .tls : .connect
    }

    /// The cause of a failure; nil if there is a document.
    func cause(of code: CURLcode, status: Int, lateness: Lateness) -> FetchFailure.Cause? {
        if (300...399).contains(status) { return .redirected }
        if receiver.hasStatusLine, status >= 200, !(200...299).contains(status) { return .status }
        if let fault = receiver.fault { return fault.cause }
        switch code {
        // libcurl accepts a response that ends within its headers, or that is only interim.
        case CURLE_OK where !receiver.head.isComplete: return .connectionLost
        case CURLE_OK: return status < 200 ? .badHTTP : nil
        case CURLE_OPERATION_TIMEDOUT:
            return .timedOut(loopWasLate: lateness.mayExplainTimeout(of: self))
        case _ where isRefusedAfterHandshake(code) || hasCertificateAlert(code):
            return limits.tls.certificate == nil ? .certificateRequired : .certificateRefused
        // libcurl reports a header line above its own limit as out of memory. Before the request
        // was sent, memory really ran out.
        case CURLE_OUT_OF_MEMORY:
            return unsafe easy.facts.pre_transfer > 0 ? .headersTooLarge : .internal
        // The system refused a socket: a limit of this process or machine.
        case CURLE_COULDNT_CONNECT where socketError != 0 && socketError != EAFNOSUPPORT:
            return .internal
        default: return cause(of: code, explanation: explanation(of: code))
        }
    }

    /// Maps a code of libcurl to a cause; see libcurl-errors(3).
    ///
    /// `explanation` is libcurl's error text, which distinguishes broken chunks, TLS alerts after
    /// the handshake and resets. They share one code.
    private func cause(of code: CURLcode, explanation: String) -> FetchFailure.Cause {
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST: .nameNotFound
        case CURLE_COULDNT_CONNECT where systemError == ECONNREFUSED: .connectRefused
        case CURLE_COULDNT_CONNECT, CURLE_INTERFACE_FAILED: .connectFailed
        case CURLE_PEER_FAILED_VERIFICATION
        where unsafe Self.untrusted.contains(easy.facts.verification): .certificateUntrusted
        case CURLE_SSL_CONNECT_ERROR, CURLE_SSL_ENGINE_NOTFOUND, CURLE_SSL_ENGINE_SETFAILED,
            CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER, CURLE_PEER_FAILED_VERIFICATION,
            CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CRL_BADFILE, CURLE_SSL_ISSUER_ERROR,
            CURLE_SSL_PINNEDPUBKEYNOTMATCH, CURLE_SSL_INVALIDCERTSTATUS,
            CURLE_SSL_SHUTDOWN_FAILED, CURLE_SSL_CLIENTCERT, CURLE_USE_SSL_FAILED:
            .tlsFailed
        // A TLS 1.3 server refuses the client's certificate after the client's handshake is done.
        case CURLE_RECV_ERROR where isTLSError(explanation): .tlsFailed
        case CURLE_SEND_ERROR where isTLSError(explanation): .tlsFailed
        case CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE, CURLE_SEND_ERROR: .connectionLost
        // A trailer larger than libcurl's own limit.
        case CURLE_RECV_ERROR where explanation.contains("Out of memory in chunked"):
            .headersTooLarge
        case CURLE_RECV_ERROR where explanation.contains("chunked-encoding"): .badHTTP
        case CURLE_RECV_ERROR: .connectionLost
        case CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY, CURLE_BAD_CONTENT_ENCODING,
            CURLE_HTTP2, CURLE_HTTP2_STREAM:
            .badHTTP
        default: .internal
        }
    }

    /// Whether the server sent an alert about the client's certificate (RFC 8446, 6.2).
    ///
    /// A TLS 1.2 server that requires one sends `handshake failure`, which has other causes too.
    private func hasCertificateAlert(_ code: CURLcode) -> Bool {
        guard isSecure else { return false }
        let explanation = explanation(of: code)
        guard let alert = explanation.firstRange(of: " alert ") else { return false }
        return Self.certificateAlerts.contains { explanation[alert.upperBound...].hasPrefix($0) }
    }

    /// libcurl's text, corrected where it hides an alert.
    private func explanation(of code: CURLcode) -> String {
        let text = easy.explanation(of: code)
        // libcurl takes the alert in a TLS 1.2 handshake for a failure of its own verification,
        // which has another text.
        return text == "SSL certificate verification failed"
            ? "SSL routines: alert certificate expired" : text
    }

    /// OpenSSL's results for a certificate that does not lead to a trusted one: no issuer, another
    /// authority of the same name, self-signed, or not verifiable.
    private static let untrusted = [2, 7, 18, 19, 20, 21]

    /// How OpenSSL names these alerts.
    private static let certificateAlerts = [
        "certificate required", "bad certificate", "unsupported certificate", "certificate revoked",
        "certificate expired", "certificate unknown", "unknown ca", "access denied",
    ]

    /// Whether OpenSSL reported a protocol error, such as an alert from the server.
    ///
    /// A stream that ends without a closing alert does not count, although OpenSSL reports an
    /// error: many servers close this way, and so does a lost connection.
    private func isTLSError(_ explanation: String) -> Bool {
        explanation.contains("SSL routines") && !explanation.contains("unexpected eof")
    }
}

internal import CCurl
import Glibc

// The cause, phase and detail of a failure.
extension Transfer {
    /// The detail of a failure, for the operator.
    func detail(of cause: FetchFailure.Cause, _ code: CURLcode) -> String {
        if let fault = receiver.fault, fault.cause == cause { return fault.detail }
        if cause == .headersTooLarge { return limits.headersTooLarge }
        // After an error status libcurl's text is "No error".
        guard code != CURLE_OK, receiver.fault == nil else { return "" }
        let explanation = easy.explanation(of: code)
        if isRefusedAfterHandshake(code) {
            return "the server closed the connection after the TLS handshake, as if it required "
                + "a client certificate: \(explanation)"
        }
        // libcurl's text does not contain the system's reason.
        guard code == CURLE_COULDNT_CONNECT, systemError != 0 else { return explanation }
        return unsafe "\(explanation): \(String(cString: strerror(systemError)))"
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
        case CURLE_SEND_ERROR where isRefusedAfterHandshake(code): return .tlsFailed
        // libcurl reports a header line above its own limit as out of memory. Before the request
        // was sent, memory really ran out.
        case CURLE_OUT_OF_MEMORY:
            return unsafe easy.facts.pre_transfer > 0 ? .headersTooLarge : .internal
        // The system refused a socket: a limit of this process or machine.
        case CURLE_COULDNT_CONNECT where socketError != 0 && socketError != EAFNOSUPPORT:
            return .internal
        default: return cause(of: code, explanation: easy.explanation(of: code))
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

    /// Whether OpenSSL reported a protocol error, such as an alert from the server.
    ///
    /// A stream that ends without a closing alert does not count, although OpenSSL reports an
    /// error: many servers close this way, and so does a lost connection.
    private func isTLSError(_ explanation: String) -> Bool {
        explanation.contains("SSL routines") && !explanation.contains("unexpected eof")
    }
}

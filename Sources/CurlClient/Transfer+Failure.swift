internal import CCurl
import Glibc

// The cause, phase and detail of a failure.
extension Transfer {
    /// The detail of a failure, for the operator.
    func detail(of cause: FetchFailure.Cause, _ code: CURLcode) -> String {
        if receiver.fault == cause { return receiver.faultDetail }
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
    func cause(
        of code: CURLcode,
        status: Int,
        lateness: Lateness
    ) -> FetchFailure.Cause? {
        if (300...399).contains(status) { return .redirected }
        if receiver.hasStatusLine, status >= 200, !(200...299).contains(status) { return .status }
        if let fault = receiver.fault { return fault }
        switch code {
        // libcurl accepts a response that ends within its headers, or that is only interim.
        case CURLE_OK where !receiver.hasWholeHead: return .connectionLost
        case CURLE_OK: return status < 200 ? .badHTTP : nil
        case CURLE_OPERATION_TIMEDOUT:
            return .timedOut(loopWasLate: lateness.mayExplainTimeout(of: self))
        case CURLE_SEND_ERROR where isRefusedAfterHandshake(code): return .tlsFailed
        // libcurl reports a header line above its own limit as out of memory. Before the request
        // was sent, memory really ran out.
        case CURLE_OUT_OF_MEMORY:
            return unsafe easy.facts.pre_transfer > 0 ? .headersTooLarge : .internal
        case CURLE_COULDNT_CONNECT where socketError != 0 && socketError != EAFNOSUPPORT:
            // The system refused a socket: a limit of this process or machine.
            return .internal
        default:
            return FetchFailure.cause(
                of: code,
                systemError: systemError,
                explanation: easy.explanation(of: code)
            )
        }
    }
}

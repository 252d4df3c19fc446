internal import CCurl
import Glibc

// Why and where a GET failed.
extension Transfer {
    /// What to tell the operator beside the cause.
    func detail(of cause: FetchFailure.Cause, _ code: CURLcode) -> String {
        if receiver.fault == cause { return receiver.faultDetail }
        if cause == .headersTooLarge { return limits.headersTooLarge }
        // Of a transfer that went well libcurl says "No error", though its status is one.
        guard code != CURLE_OK, receiver.fault == nil else { return "" }
        let explanation = easy.explanation(of: code)
        if isRefusedAfterHandshake(code) {
            return "the server closed the connection after the TLS handshake, as if it required "
                + "a client certificate: \(explanation)"
        }
        // libcurl does not say why a connection could not be made; the system does.
        guard code == CURLE_COULDNT_CONNECT, systemError != 0 else { return explanation }
        return unsafe "\(explanation): \(String(cString: strerror(systemError)))"
    }

    /// Where a failed transfer stood; libcurl's times stay 0 where a point was not reached.
    func phase(at facts: nova_transfer_facts, _ code: CURLcode) -> FetchFailure.Phase {
        if receiver.hasStatusLine { return .body }
        // The end of a connection without an answer reads as a first byte.
        if unsafe facts.start_transfer > 0, code != CURLE_GOT_NOTHING { return .body }
        if unsafe facts.pre_transfer > 0 { return .firstByte }
        // The time of connect comes only with that of TLS.
        return unsafe facts.local_port > 0 ? .tls : .connect
    }

    /// Why there is no document; nil if there is one.
    func cause(
        of code: CURLcode,
        status: Int,
        lateness: Lateness
    ) -> FetchFailure.Cause? {
        if (300...399).contains(status) { return .redirected }
        if receiver.hasStatusLine, status >= 200, !(200...299).contains(status) { return .status }
        if let fault = receiver.fault { return fault }
        switch code {
        // libcurl is content with an answer that ends within its headers, or that is only interim.
        case CURLE_OK where !receiver.hasWholeHead: return .connectionLost
        case CURLE_OK: return status < 200 ? .badHTTP : nil
        case CURLE_OPERATION_TIMEDOUT:
            return .timedOut(loopWasLate: lateness.mayExplainTimeout(of: self))
        // The server ended the connection between the last of the handshake and the request.
        case CURLE_SEND_ERROR where isRefusedAfterHandshake(code): return .tlsFailed
        // libcurl gives up a header line beyond its own limit as if memory had run out. Before the
        // request was sent, memory did run out.
        case CURLE_OUT_OF_MEMORY:
            return unsafe easy.facts.pre_transfer > 0 ? .headersTooLarge : .internal
        case CURLE_COULDNT_CONNECT where socketError != 0 && socketError != EAFNOSUPPORT:
            // No socket could be made: this process or machine has reached a limit of its own.
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

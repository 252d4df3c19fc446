internal import CCurl
import Glibc
internal import Timing

// Hosts with several addresses: the next address to try, and the failure to report.
extension Transfer {
    /// Whether no connection has been established.
    private var isConnecting: Bool { unsafe easy.facts.local_port == 0 }

    /// Whether the current addresses have used up their share of the timeout and others remain.
    func isAttemptOver(at now: Instant) -> Bool {
        guard let end = plan.attemptEnd else { return false }
        return end <= now && isConnecting
    }

    /// Whether to try the next addresses after libcurl ended this transfer with `code`.
    func canTryNextAddress(after code: CURLcode, at now: Instant) -> Bool {
        guard plan.attemptEnd != nil, now < deadline, isConnecting else { return false }
        // Before the deadline, a timeout is the system's own connect timeout.
        return code == CURLE_COULDNT_CONNECT || code == CURLE_OPERATION_TIMEDOUT
    }

    func noteRefusal() {
        if systemError == ECONNREFUSED { wasRefused = true }
    }

    /// The address of a new connection, if the preferred address failed before it.
    var betterAddress: String? {
        guard plan.hasAlternatives, unsafe easy.facts.connect > 0 else { return nil }
        let address = easy.remoteAddress
        return address == plan.first ? nil : address
    }

    /// errno of the connection that failed; valid only with CURLE_COULDNT_CONNECT.
    ///
    /// libcurl's errno may belong to an earlier transfer if this one never had a socket.
    var systemError: Int32 {
        if wasRefused { return ECONNREFUSED }
        return openedSockets == 0
            ? socketError : unsafe Int32(truncatingIfNeeded: easy.facts.os_error)
    }
}

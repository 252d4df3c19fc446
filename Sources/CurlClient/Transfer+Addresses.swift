internal import CCurl
import Glibc

// A host with several addresses: which of them is tried next, and what their failures come to.
extension Transfer {
    /// Whether no address of the current attempt has been connected to.
    private var isConnecting: Bool { unsafe easy.facts.local_port == 0 }

    /// Whether the time of the current attempt is up and there is another.
    func isAttemptOver(at now: Int64) -> Bool {
        guard let end = plan.attemptEnd else { return false }
        return end <= now && isConnecting
    }

    /// Whether there is another address to try after libcurl ended this attempt with `code`.
    func canTryNextAddress(after code: CURLcode, at now: Int64) -> Bool {
        guard plan.attemptEnd != nil, now < deadline, isConnecting else { return false }
        // The second is the system's own time limit of a connect, never that of the GET.
        return code == CURLE_COULDNT_CONNECT || code == CURLE_OPERATION_TIMEDOUT
    }

    /// Notes whether the addresses of this attempt refused the connection.
    func noteRefusal() {
        if systemError == ECONNREFUSED { wasRefused = true }
    }

    /// The address of a new connection that should be tried first from now on, as another was
    /// tried before it in vain.
    var betterAddress: String? {
        guard plan.hasAlternatives, unsafe easy.facts.connect > 0 else { return nil }
        let address = easy.remoteAddress
        return address == plan.first ? nil : address
    }

    /// errno of the connection that could not be made.
    ///
    /// libcurl's may be that of an earlier transfer if this one never had a socket.
    var systemError: Int32 {
        if wasRefused { return ECONNREFUSED }
        return openedSockets == 0
            ? socketError : unsafe Int32(truncatingIfNeeded: easy.facts.os_error)
    }
}

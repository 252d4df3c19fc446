import Synchronization
internal import Timing
package import Trust

/// The certificate of the listener and the clients that it accepts, which a reload replaces.
///
/// From any thread.
package final class AccessControl: Sendable {
    private struct State {
        var certificate: ListenerCertificate?
        var clients: ClientTrust
        /// Grows with each replacement; verdicts of earlier generations no longer hold.
        var generation = 0
    }

    private let state: Mutex<State>
    /// Whether `clients` requires anything, so that an open listener takes no lock per request.
    private let closed: Atomic<Bool>
    private let hasWarned = Atomic(false)
    private let openPaths: Set<String>
    private let allowance = Mutex(LogAllowance())

    /// Without arguments every request is accepted.
    ///
    /// - Parameters:
    ///   - openPaths: The paths that every client may request.
    ///   - certificate: Required if the configuration has a version of TLS.
    ///   - clients: The clients that may request the other paths.
    package init(
        openPaths: Set<String> = [],
        certificate: ListenerCertificate? = nil,
        clients: ClientTrust = ClientTrust()
    ) {
        self.openPaths = openPaths
        state = Mutex(State(certificate: certificate, clients: clients))
        closed = Atomic(clients.isRequired)
    }

    /// Replaces what later handshakes and requests use.
    package func replace(certificate: ListenerCertificate?, clients: ClientTrust) {
        state.withLock { state in
            state = State(
                certificate: certificate,
                clients: clients,
                generation: state.generation + 1
            )
            closed.store(clients.isRequired, ordering: .relaxed)
        }
    }

    /// The certificate for a handshake, and whether to ask the client for one.
    var handshake: (certificate: ListenerCertificate?, asksClient: Bool) {
        state.withLock { ($0.certificate, $0.clients.authorities != nil) }
    }

    /// Whether clients must prove that they are accepted, for all but the open paths.
    var isClosed: Bool { closed.load(ordering: .relaxed) }

    func isOpen(_ path: String) -> Bool { openPaths.contains(path) }

    /// Checks a request for a guarded path; nil if it is accepted.
    ///
    /// On the thread that serves the connection.
    func refusal(
        on connection: borrowing ConnectionHandle,
        of open: OpenConnection?
    ) -> (refusal: Refusal?, isTokenExposed: Bool) {
        let (clients, generation) = state.withLock { ($0.clients, $0.generation) }
        let session = clients.authorities == nil ? nil : connection.session
        let verdict: CertificateVerdict
        if let session, let open {
            verdict = open.verdict(of: generation, at: .coarse()) { clients.verdict(on: session) }
        } else {
            verdict = session.map(clients.verdict(on:)) ?? .absent
        }
        let credentials = connection.credentials
        let refusal = clients.refusal(of: verdict, with: credentials)
        guard !connection.isSecure, case .bearer = credentials else { return (refusal, false) }
        return (refusal, !hasWarned.exchange(true, ordering: .relaxed))
    }

    /// The number of refusals since the last one that was logged; nil if this one is not.
    func omittedBeforeThis() -> Int? { allowance.withLock { $0.admit(at: .now) } }
}

extension Response {
    /// 401 without credentials, 403 for credentials that are not accepted.
    static func refusal(_ cause: Refusal.Cause) -> Response {
        switch cause {
        case .noCredentials:
            error(
                401,
                "unauthorized",
                "a client certificate or a bearer token is required",
                headers: [("WWW-Authenticate", "Bearer")]
            )
        case .wrongToken: error(403, "forbidden", "the token is not accepted")
        case .untrustedCertificate: error(403, "forbidden", "the certificate is not accepted")
        case .nameNotAllowed:
            error(403, "forbidden", "no name of the certificate is accepted")
        }
    }
}

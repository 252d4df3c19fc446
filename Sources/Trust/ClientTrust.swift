internal import Synchronization

/// The clients that the listener accepts: by certificate, by token, or all.
package struct ClientTrust: Sendable {
    /// Nil if no client certificates are accepted.
    package var authorities: ClientAuthorities?
    /// The accepted names; empty for all certificates of the authorities.
    package var names: [ClientName] = []
    /// Nil if no tokens are accepted.
    package var tokens: AcceptedTokens?

    package init() {}

    /// Whether a client must prove that it is accepted.
    package var isRequired: Bool { authorities != nil || tokens != nil }

    /// The verdict on the certificate that a client presented; takes a fraction of a millisecond.
    package func verdict(on session: TLSSession) -> CertificateVerdict {
        guard let authorities, let chain = CertificateChain(presentedIn: session) else {
            return .absent
        }
        if let reason = authorities.refusal(of: chain) {
            return .untrusted("\(chain.subject): \(reason)")
        }
        let found = chain.names
        let isAllowed =
            names.isEmpty || found.contains { name in names.contains { $0.matches(name) } }
        return isAllowed ? .accepted : .nameNotAllowed(chain.subject)
    }

    /// Why a request is refused; nil if it is accepted.
    ///
    /// An accepted certificate is enough, even with a wrong token, and so is the reverse.
    package func refusal(
        of certificate: CertificateVerdict,
        with credentials: Credentials
    ) -> Refusal? {
        if certificate == .accepted || !isRequired { return nil }
        switch credentials {
        case .bearer(let token) where tokens?.accepts(token) == true: return nil
        case .bearer: return Refusal(cause: .wrongToken)
        case .ambiguous: return Refusal(cause: .wrongToken, detail: "several Authorization headers")
        case .none: break
        }
        return switch certificate {
        case .untrusted(let detail): Refusal(cause: .untrustedCertificate, detail: detail)
        case .nameNotAllowed(let detail): Refusal(cause: .nameNotAllowed, detail: detail)
        case .absent, .accepted: Refusal(cause: .noCredentials)
        }
    }
}

/// The result of checking a client's certificate.
package enum CertificateVerdict: Hashable, Sendable {
    /// The client presented none, or none was requested.
    case absent
    case accepted
    /// Its chain, its validity or its purpose is not accepted; the subject and the reason.
    case untrusted(String)
    /// None of its names is accepted; the subject.
    case nameNotAllowed(String)
}

/// Why a request is not answered.
package struct Refusal: Hashable, Sendable {
    /// A label of a metric.
    package enum Cause: String, CaseIterable, Sendable {
        case noCredentials = "no_credentials"
        case wrongToken = "wrong_token"
        case untrustedCertificate = "untrusted_certificate"
        case nameNotAllowed = "name_not_allowed"
    }

    package var cause: Cause
    /// What the log may show; never a token.
    package var detail = ""
}

/// The authorities whose client certificates are accepted; from any thread.
package final class ClientAuthorities: Sendable {
    private let list: Mutex<TrustList>

    /// Reads a PEM text.
    package init(parsing bytes: [UInt8]) throws(TLSRefusal) {
        list = Mutex(try TrustList(bytes))
    }

    /// Why a chain is not accepted; nil if it is.
    func refusal(of chain: borrowing CertificateChain) -> String? {
        let place = chain.place
        return list.withLock { $0.refusal(ofChainAt: place) }
    }
}

internal import CertificateReader
internal import ClientTLS
internal import Host
internal import Trust

extension SettingsDraft {
    private static let certificateKey = "NOVA_FED_TLS_CERT_FILE"
    private static let secretKey = "NOVA_FED_TLS_KEY_FILE"
    private static let authorityKey = "NOVA_FED_CLIENT_CA_FILE"

    /// Reads and checks the files of certificates, keys and tokens.
    ///
    /// If the path of a file changed but needs a restart, the new file is checked too, but the
    /// contents of `running` stay.
    mutating func readTrust(running: TrustFiles?) {
        let paths = loaded.settings.trustPaths
        // Taken before the contents, so that a later change is noticed.
        loaded.trust.stamps = paths.map { try? FileStamp($0) }
        loaded.trust.authorities = readAuthorities()
        (loaded.trust.listener, loaded.trust.presented) = readPair()
        loaded.trust.clientAuthorities = readClientAuthorities()
        loaded.trust.tokens = readTokens("NOVA_FED_TOKEN_FILE") { AcceptedTokens($0) }
        loaded.trust.peerToken = readTokens("NOVA_FED_PEER_TOKEN_FILE") { $0.tokens[0] }
        guard let running, let old = self.running else { return }
        let new = loaded.settings
        if (old.certificateFile, old.keyFile) != (new.certificateFile, new.keyFile) {
            loaded.trust.listener = running.listener
            loaded.trust.presented = running.presented
        }
        if old.clientAuthorityFile != new.clientAuthorityFile {
            loaded.trust.clientAuthorities = running.clientAuthorities
        }
    }

    /// Reads the authorities of https peers; the problems of some are warnings.
    private mutating func readAuthorities() -> TrustFiles.Content<TrustStore>? {
        let key = "NOVA_FED_CA_FILE"
        guard let (bytes, file) = readCertificates(key) else { return nil }
        loaded.certificateCount = file.certificates.count
        do throws(OpenSSLRefusal) {
            let store = try TrustStore(trusting: bytes)
            let expires = file.certificates.filter(\.isUsable).map(\.expires).min()
            return .init(value: store, digest: Digest(of: bytes), expires: expires)
        } catch {
            report(key, "cannot be used by OpenSSL: \(error.cause)")
            return nil
        }
    }

    /// Reads the certificate and the key of this node, for the listener and for pulls.
    ///
    /// A missing one breaks a rule.
    private mutating func readPair() -> (
        TrustFiles.Content<ListenerCertificate>?, OwnCertificate?
    ) {
        guard given[Self.certificateKey] != nil, given[Self.secretKey] != nil else {
            return (nil, nil)
        }
        let chain = read(Self.certificateKey, atMost: Self.maximumAuthorityBytes)
        let key = read(Self.secretKey, atMost: Self.maximumKeyBytes)
        guard let chain, let key, let expires = checkedExpiry(of: chain) else { return (nil, nil) }
        do throws(PairFault) {
            let pair = try ListenerCertificate(chain: chain, key: key)
            let digest = Digest(of: chain + key)
            return (.init(value: pair, digest: digest, expires: expires), present(chain, key))
        } catch {
            if case .chain = error {
                report(Self.certificateKey, error.description)
            } else {
                report(Self.secretKey, error.description)
            }
            return (nil, nil)
        }
    }

    /// The certificate as pulls present it.
    private mutating func present(_ chain: [UInt8], _ key: [UInt8]) -> OwnCertificate? {
        do throws(OpenSSLRefusal) {
            return try OwnCertificate(chain: chain, key: key)
        } catch {
            report(Self.certificateKey, "cannot be used by OpenSSL: \(error.cause)")
            return nil
        }
    }

    /// When the first certificate of a chain expires; reports a fault and returns nil if one is not
    /// valid now.
    private mutating func checkedExpiry(of chain: [UInt8]) -> Double? {
        do throws(CertificateFault) {
            let certificates = try CertificateFile(parsing: chain).certificates
            for (index, certificate) in certificates.enumerated() {
                guard let problem = certificate.problems.first(where: \.isAboutTime) else {
                    continue
                }
                let name = "certificate \(index + 1) (\(certificate.subject))"
                report(Self.certificateKey, "\(name) \(problem)")
                return nil
            }
            return certificates.map(\.expires).min()
        } catch {
            report(Self.certificateKey, error.description)
            return nil
        }
    }

    /// Reads the authorities of client certificates; the problems of some are warnings.
    private mutating func readClientAuthorities() -> TrustFiles.Content<ClientAuthorities>? {
        guard let (bytes, file) = readCertificates(Self.authorityKey) else { return nil }
        do throws(TLSRefusal) {
            let list = try ClientAuthorities(parsing: bytes)
            let expires = file.certificates.filter(\.isUsable).map(\.expires).min()
            return .init(value: list, digest: Digest(of: bytes), expires: expires)
        } catch {
            report(Self.authorityKey, "cannot be used by GnuTLS: \(error.cause)")
            return nil
        }
    }

    private mutating func readTokens<Value: Sendable>(
        _ key: String,
        _ value: (TokenFile) -> Value
    ) -> TrustFiles.Content<Value>? {
        guard let bytes = read(key, atMost: TokenFile.maximumBytes) else { return nil }
        do throws(TokenFault) {
            let file = try TokenFile(parsing: bytes)
            return .init(value: value(file), digest: Digest(of: bytes))
        } catch {
            report(key, error.description)
            return nil
        }
    }

    /// The size limit of a private key.
    private static let maximumKeyBytes = 1 << 20

    /// Reports a fault of the file that a setting names.
    private mutating func report(_ key: String, _ reason: String) {
        guard let path = given[key] else { return }
        faults.report(key, path.text, reason, path.origin)
    }
}

package import ClientTLS
package import Host
package import Trust

/// The contents of the files of certificates, keys and tokens.
package struct TrustFiles: Sendable {
    /// A file, or a pair of files, as last read and checked.
    package struct Content<Value: Sendable>: Sendable {
        package var value: Value
        /// The SHA-256 of the files, by which a change is found.
        var digest: Digest
        /// When the first of its certificates expires, in Unix seconds; nil for tokens.
        package var expires: Double?
    }

    /// NOVA_FED_CA_FILE; nil for the system's bundle.
    package var authorities: Content<TrustStore>?
    /// NOVA_FED_TLS_CERT_FILE and NOVA_FED_TLS_KEY_FILE.
    package var listener: Content<ListenerCertificate>?
    /// The same for pulls of https peers.
    package var presented: OwnCertificate?
    /// NOVA_FED_CLIENT_CA_FILE.
    package var clientAuthorities: Content<ClientAuthorities>?
    /// NOVA_FED_TOKEN_FILE.
    package var tokens: Content<AcceptedTokens>?
    /// NOVA_FED_PEER_TOKEN_FILE.
    package var peerToken: Content<BearerToken>?
    /// The states of `Settings.trustPaths` when they were read; nil for a missing file.
    package var stamps: [FileStamp?] = []

    package init() {}

    /// The keys of files with other contents than in `before`.
    func keys(changedFrom before: TrustFiles) -> [String] {
        let pairs: [(String, Digest?, Digest?)] = [
            ("NOVA_FED_CA_FILE", before.authorities?.digest, authorities?.digest),
            ("NOVA_FED_TLS_CERT_FILE", before.listener?.digest, listener?.digest),
            (
                "NOVA_FED_CLIENT_CA_FILE", before.clientAuthorities?.digest,
                clientAuthorities?.digest
            ),
            ("NOVA_FED_TOKEN_FILE", before.tokens?.digest, tokens?.digest),
            ("NOVA_FED_PEER_TOKEN_FILE", before.peerToken?.digest, peerToken?.digest),
        ]
        return pairs.filter { $0.1 != $0.2 }.map(\.0)
    }
}

extension Settings {
    /// The files whose changed contents are read without a change of the settings.
    package var trustPaths: [String] {
        [caFile, certificateFile, keyFile, clientAuthorityFile, tokenFile, peerTokenFile]
            .compactMap(\.self)
    }

    /// Whether the listener uses TLS.
    package var isTLS: Bool { certificateFile != nil }
}

extension LoadedSettings {
    /// Which clients the listener accepts.
    package var clientTrust: ClientTrust {
        var clients = ClientTrust()
        clients.authorities = trust.clientAuthorities?.value
        clients.names = settings.clientNames
        clients.tokens = trust.tokens?.value
        return clients
    }

    /// What pulls of https peers trust and present.
    package var tls: TLSOptions {
        var tls = TLSOptions()
        tls.authorities = trust.authorities?.value
        tls.certificate = trust.presented
        tls.needsTLS13 = settings.minimumTLS == .tls13
        tls.token = trust.peerToken?.value.text
        return tls
    }

    /// The keys of settings with another value, or with files of other contents, than in `before`.
    package func keys(changedFrom before: LoadedSettings) -> [String] {
        let changed = settings.keys(changedFrom: before.settings)
        return changed + trust.keys(changedFrom: before.trust).filter { !changed.contains($0) }
    }
}

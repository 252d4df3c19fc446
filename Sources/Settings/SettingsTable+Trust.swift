internal import Trust

extension SettingsTable {
    static let trust: [Setting] = [
        Setting("NOVA_FED_TLS_CERT_FILE", \.certificateFile, .optional(.path), restart: true) {
            "PEM file with the certificate of this node first, then the chain that signed it."
            "With it the listener accepts only HTTPS, and pulls of https peers present it."
            "New contents of the file are applied without a restart."
        },
        Setting("NOVA_FED_TLS_KEY_FILE", \.keyFile, .optional(.path), restart: true) {
            "PEM file with the private key of NOVA_FED_TLS_CERT_FILE, without a passphrase."
            "Mode 0640 is enough. New contents of the file are applied without a restart."
        },
        Setting("NOVA_FED_TLS_MIN_VERSION", \.minimumTLS, .word, restart: true) {
            "Lowest version of TLS for the listener and for pulls of https peers."
        },
        Setting(
            "NOVA_FED_CLIENT_CA_FILE",
            \.clientAuthorityFile,
            .optional(.path),
            restart: true
        ) {
            "PEM file of the certificate authorities of accepted clients."
            "With it, every path except /health and /ready requires a client certificate of one of"
            "them, or a token. New contents of the file are applied without a restart."
        },
        Setting("NOVA_FED_CLIENT_SANS", \.clientNames, .clientNames) {
            "Accepted subject alternative names: a client certificate must have one of them."
            "If unset, all certificates that NOVA_FED_CLIENT_CA_FILE signed for clients are"
            "accepted."
        },
        Setting("NOVA_FED_TOKEN_FILE", \.tokenFile, .optional(.path)) {
            "File of accepted bearer tokens of 16 to 512 characters, one per line."
            "With it, every path except /health and /ready requires one of them, or an accepted"
            "client certificate. New contents of the file are applied without a restart."
        },
        Setting("NOVA_FED_PEER_TOKEN_FILE", \.peerTokenFile, .optional(.path)) {
            "File whose first token is sent to https peers and to an https local source."
            "It is never sent over http. New contents of the file are applied without a restart."
        },
    ]
}

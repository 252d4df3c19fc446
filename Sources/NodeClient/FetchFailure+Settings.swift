package import CurlClient

extension FetchFailure {
    /// The detail, and the settings to check if a certificate is not accepted.
    package var detailWithSettings: String {
        switch cause {
        case .certificateUntrusted: "\(detail); check NOVA_FED_CA_FILE"
        case .certificateRequired:
            "\(detail); set NOVA_FED_TLS_CERT_FILE and NOVA_FED_TLS_KEY_FILE"
        case .certificateRefused:
            "\(detail); check NOVA_FED_TLS_CERT_FILE, and which authorities the server accepts"
        default: detail
        }
    }
}

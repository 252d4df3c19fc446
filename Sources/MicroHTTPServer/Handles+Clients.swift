internal import CMicroHTTPD
internal import Trust

// What a connection shows about its client.
extension ConnectionHandle {
    /// The TLS session of the connection; nil without TLS.
    var session: TLSSession? { unsafe mhd_session(connection).map { unsafe TLSSession($0) } }

    var isSecure: Bool { unsafe mhd_session(connection) != nil }

    /// The address and port of the client; nil if its socket is not an IP socket.
    var client: String? { unsafe clientAddress(of: mhd_socket(connection)) }

    /// The `Authorization` headers.
    var credentials: Credentials {
        var values: [String] = []
        let kind = MHD_ValueKind.HEADER_KIND
        unsafe withUnsafeMutablePointer(to: &values) { values in
            _ = unsafe MHD_get_connection_values_n(connection, kind, visitCredential, values)
        }
        return Credentials(values)
    }
}

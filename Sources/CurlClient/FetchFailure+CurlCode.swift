internal import CCurl
import Glibc

extension FetchFailure {
    /// libcurl's code for a transfer that it ended by itself, in our words; see libcurl-errors(3).
    ///
    /// - Parameters:
    ///   - code: Any but CURLE_OK and CURLE_OPERATION_TIMEDOUT.
    ///   - systemError: errno of a connection that could not be made. With other codes it may be
    ///     that of an earlier transfer: a multi handle never clears it.
    ///   - explanation: libcurl's own words. Broken chunks, a TLS alert after the handshake and a
    ///     reset have one code.
    /// - Returns: The cause.
    static func cause(
        of code: CURLcode,
        systemError: Int32,
        explanation: String
    ) -> Cause {
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST: .nameNotFound
        case CURLE_COULDNT_CONNECT where systemError == ECONNREFUSED: .connectRefused
        case CURLE_COULDNT_CONNECT, CURLE_INTERFACE_FAILED: .connectFailed
        case CURLE_SSL_CONNECT_ERROR, CURLE_SSL_ENGINE_NOTFOUND, CURLE_SSL_ENGINE_SETFAILED,
            CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER, CURLE_PEER_FAILED_VERIFICATION,
            CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CRL_BADFILE, CURLE_SSL_ISSUER_ERROR,
            CURLE_SSL_PINNEDPUBKEYNOTMATCH, CURLE_SSL_INVALIDCERTSTATUS,
            CURLE_SSL_SHUTDOWN_FAILED, CURLE_SSL_CLIENTCERT, CURLE_USE_SSL_FAILED:
            .tlsFailed
        // A TLS 1.3 server refuses the client's certificate only after the client's handshake.
        case CURLE_RECV_ERROR where isOfTLS(explanation): .tlsFailed
        case CURLE_SEND_ERROR where isOfTLS(explanation): .tlsFailed
        case CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE, CURLE_SEND_ERROR: .connectionLost
        // A trailer beyond libcurl's own limit.
        case CURLE_RECV_ERROR where explanation.contains("Out of memory in chunked"):
            .headersTooLarge
        case CURLE_RECV_ERROR where explanation.contains("chunked-encoding"): .badHTTP
        case CURLE_RECV_ERROR: .connectionLost
        case CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY, CURLE_BAD_CONTENT_ENCODING,
            CURLE_HTTP2, CURLE_HTTP2_STREAM:
            .badHTTP
        default: .internal
        }
    }

    /// Whether OpenSSL reported an error of the protocol, such as an alert from the peer.
    ///
    /// An end of the stream without a closing alert is an error to OpenSSL too. It is how many
    /// servers close, and how a connection is lost.
    private static func isOfTLS(_ explanation: String) -> Bool {
        explanation.contains("SSL routines") && !explanation.contains("unexpected eof")
    }
}

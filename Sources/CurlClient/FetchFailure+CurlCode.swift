internal import CCurl
import Glibc

extension FetchFailure {
    /// Maps the code of a transfer that libcurl ended to a cause; see libcurl-errors(3).
    ///
    /// - Parameters:
    ///   - code: Any code but CURLE_OK and CURLE_OPERATION_TIMEDOUT.
    ///   - systemError: errno of a connection that failed. Valid only with CURLE_COULDNT_CONNECT:
    ///     a multi handle never clears the errno of an earlier transfer.
    ///   - explanation: libcurl's error text. It distinguishes broken chunks, TLS alerts after the
    ///     handshake and resets, which share one code.
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
        // A TLS 1.3 server refuses the client's certificate after the client's handshake is done.
        case CURLE_RECV_ERROR where isTLSError(explanation): .tlsFailed
        case CURLE_SEND_ERROR where isTLSError(explanation): .tlsFailed
        case CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE, CURLE_SEND_ERROR: .connectionLost
        // A trailer larger than libcurl's own limit.
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

    /// Whether OpenSSL reported a protocol error, such as an alert from the server.
    ///
    /// A stream that ends without a closing alert does not count, although OpenSSL reports an
    /// error: many servers close this way, and so does a lost connection.
    private static func isTLSError(_ explanation: String) -> Bool {
        explanation.contains("SSL routines") && !explanation.contains("unexpected eof")
    }
}

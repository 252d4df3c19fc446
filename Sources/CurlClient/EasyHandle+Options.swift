internal import CCurl

extension EasyHandle {
    /// Seconds of idleness before the system sends a TCP keepalive probe.
    ///
    /// Most firewalls and NAT devices forget an idle connection after a minute or more; a probe
    /// keeps it known to them.
    private static let keepAliveIdle = 20

    /// Seconds between two unanswered probes.
    private static let keepAliveInterval = 5

    /// Sets what every GET of a client does and does not do.
    ///
    /// Cookies, netrc, credentials, HSTS, Alt-Svc and encodings are not here: libcurl has them off
    /// unless it is asked.
    func setClientOptions(_ limits: FetchLimits) {
        set(CURLOPT_NOSIGNAL, 1)
        set(CURLOPT_FOLLOWLOCATION, 0)
        set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        set(CURLOPT_PROTOCOLS_STR, "http,https")
        // Unset asks the environment, and a proxy that is empty asks it for exceptions.
        set(CURLOPT_NOPROXY, "*")
        set(CURLOPT_USERAGENT, limits.userAgent)
        set(CURLOPT_MAXAGE_CONN, max(1, Int(limits.idleTime.components.seconds)))
        // A firewall may forget an idle connection, and a host may vanish, without a word.
        set(CURLOPT_TCP_KEEPALIVE, 1)
        set(CURLOPT_TCP_KEEPIDLE, Self.keepAliveIdle)
        set(CURLOPT_TCP_KEEPINTVL, Self.keepAliveInterval)
        // Addresses are handed in; nothing is kept, and libcurl's own lookup never blocks the loop.
        set(CURLOPT_DNS_CACHE_TIMEOUT, 0)
        set(CURLOPT_QUICK_EXIT, 1)
        // What an answer is received into, made anew for each GET: a summary with its headers fits.
        set(CURLOPT_BUFFERSIZE, 1024)
        set(CURLOPT_CAINFO, limits.caFile ?? Self.systemBundle)
        // With a directory of certificates set, libcurl reads the whole bundle for each connection.
        set(CURLOPT_CAPATH, nil)
    }

    /// Where Debian keeps the certificates that it trusts.
    private static let systemBundle = "/etc/ssl/certs/ca-certificates.crt"

    /// Sets an option that is a number.
    func set(_ option: CURLoption, _ value: Int) {
        let code = unsafe nova_easy_set_long(easy, option, value)
        precondition(code == CURLE_OK, "libcurl does not know option \(option.rawValue)")
    }

    /// Sets an option that is a text, which libcurl copies, or unsets it.
    func set(_ option: CURLoption, _ value: String?) {
        // Handed over as an argument, a string would be copied first.
        let code =
            if let value {
                unsafe value.withCString { unsafe nova_easy_set_string(easy, option, $0) }
            } else {
                unsafe nova_easy_set_string(easy, option, nil)
            }
        precondition(code == CURLE_OK, "libcurl does not know option \(option.rawValue)")
    }
}

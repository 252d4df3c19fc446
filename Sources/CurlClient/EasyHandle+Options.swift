internal import CCurl
internal import ClientTLS
internal import Timing

extension EasyHandle {
    /// How long a connection idles before the system sends a TCP keepalive probe.
    ///
    /// Most firewalls and NAT devices forget an idle connection after a minute or more; a probe
    /// keeps it known to them.
    private static let keepAliveIdle = Duration.seconds(20)

    /// The time between two unanswered probes.
    private static let keepAliveInterval = Duration.seconds(5)

    /// Sets the options that all fetches of a client share.
    ///
    /// Cookies, netrc, credentials, HSTS, Alt-Svc and encodings are off by default in libcurl.
    func setClientOptions(_ limits: FetchLimits) {
        set(CURLOPT_NOSIGNAL, 1)
        set(CURLOPT_FOLLOWLOCATION, 0)
        set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        set(CURLOPT_PROTOCOLS_STR, "http,https")
        // Without this, libcurl uses the proxies of the environment. An empty CURLOPT_PROXY would
        // still read no_proxy.
        set(CURLOPT_NOPROXY, "*")
        set(CURLOPT_USERAGENT, limits.userAgent)
        set(CURLOPT_MAXAGE_CONN, seconds: max(.seconds(1), limits.idleTime))
        // Firewalls may forget idle connections, and hosts may disappear without closing them.
        set(CURLOPT_TCP_KEEPALIVE, 1)
        set(CURLOPT_TCP_KEEPIDLE, seconds: Self.keepAliveIdle)
        set(CURLOPT_TCP_KEEPINTVL, seconds: Self.keepAliveInterval)
        // The client resolves names itself: libcurl caches nothing, and its resolver, which could
        // block the loop, is never needed.
        set(CURLOPT_DNS_CACHE_TIMEOUT, 0)
        set(CURLOPT_QUICK_EXIT, 1)
        // The receive buffer, allocated for each transfer; a summary with its headers fits.
        set(CURLOPT_BUFFERSIZE, 1024)
        let least = limits.tls.needsTLS13 ? CURL_SSLVERSION_TLSv1_3 : CURL_SSLVERSION_TLSv1_2
        set(CURLOPT_SSLVERSION, Int(least))
        // `onTLSContext` sets the trusted certificates. libcurl would read them from a file for
        // each multi handle. Without its cache, a file and a folder it leaves them alone.
        set(CURLOPT_CAINFO, nil)
        set(CURLOPT_CAPATH, nil)
        set(CURLOPT_CA_CACHE_TIMEOUT, 0)
    }

    /// Sets an option in milliseconds: rounded up, and at least 1, because 0 means no limit.
    func set(_ option: CURLoption, milliseconds time: Duration) {
        set(option, max(1, Int((time.nanoseconds + 999_999) / 1_000_000)))
    }

    func set(_ option: CURLoption, seconds time: Duration) {
        set(option, Int(time.components.seconds))
    }

    func set(_ option: CURLoption, _ value: Int) {
        let code = unsafe nova_easy_set_long(easy, option, value)
        precondition(code == CURLE_OK, "libcurl does not know option \(option.rawValue)")
    }

    /// Sets a text option, which libcurl copies; nil unsets it.
    func set(_ option: CURLoption, _ value: String?) {
        // Passing the string as an argument would copy it twice.
        let code =
            if let value {
                unsafe value.withCString { unsafe nova_easy_set_string(easy, option, $0) }
            } else {
                unsafe nova_easy_set_string(easy, option, nil)
            }
        precondition(code == CURLE_OK, "libcurl does not know option \(option.rawValue)")
    }
}

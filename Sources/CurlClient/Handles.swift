internal import CCurl
internal import ClientTLS
import Glibc

// The handles of libcurl. Each has exactly one owner, whose deinit frees it.

/// A multi handle: transfers and their kept connections.
///
/// Each of these calls may run callbacks, which only append to `actions`.
@safe struct MultiHandle: ~Copyable {
    private let multi: UnsafeMutableRawPointer
    /// The context of the callbacks, which must outlive the handle.
    let actions = PendingActions()

    init() {
        _ = Libcurl.initialize
        guard let multi = unsafe curl_multi_init() else { fatalError("no memory for libcurl") }
        unsafe self.multi = multi
        let context = unsafe Unmanaged.passUnretained(actions).toOpaque()
        unsafe nova_multi_set_callbacks(multi, onSocketChange, onTimerChange, context)
    }

    deinit {
        unsafe curl_multi_cleanup(multi)
    }

    /// Limits the idle connections; beyond it, the oldest is closed when a transfer ends.
    func limitIdleConnections(_ connections: Int) {
        // 0 means libcurl's default, four times the transfers in flight: too few in quiet times.
        let kept = max(1, connections)
        unsafe mustSucceed(nova_multi_set_long(multi, CURLMOPT_MAXCONNECTS, kept))
    }

    func add(_ easy: borrowing EasyHandle) -> CURLMcode {
        unsafe curl_multi_add_handle(multi, easy.easy)
    }

    /// Removes a transfer; if it is not finished, its connection is closed.
    func remove(_ easy: borrowing EasyHandle) {
        unsafe mustSucceed(curl_multi_remove_handle(multi, easy.easy))
    }

    /// Lets libcurl handle a socket that is ready, or its timer if no socket is given.
    func act(on socket: Int32 = CURL_SOCKET_BAD, events: Int32 = 0) {
        var running: Int32 = 0
        _ = unsafe curl_multi_socket_action(multi, socket, events, &running)
    }

    /// The next finished transfer and its code; nil if there are no more.
    func nextFinished() -> (transfer: Transfer, code: CURLcode)? {
        var code = CURLE_OK
        guard let easy = unsafe nova_multi_next_finished(multi, &code),
            let context = unsafe nova_easy_context(easy)
        else { return nil }
        return (unsafe Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue(), code)
    }
}

private func mustSucceed(_ code: CURLMcode) {
    precondition(code == CURLM_OK, "libcurl refused a multi call: \(code.rawValue)")
}

/// An easy handle, its options, and the buffers that libcurl uses while a transfer runs.
@safe struct EasyHandle: ~Copyable {
    let easy: UnsafeMutableRawPointer
    private let errorText: UnsafeMutablePointer<CChar>
    private var headers: UnsafeMutablePointer<curl_slist>?
    /// The same with the token; nil without one.
    private var headersWithToken: UnsafeMutablePointer<curl_slist>?
    private var sendsToken = false
    private var resolved: UnsafeMutablePointer<curl_slist>?

    init(limits: FetchLimits) {
        _ = Libcurl.initialize
        guard let easy = unsafe curl_easy_init() else { fatalError("no memory for libcurl") }
        unsafe self.easy = easy
        unsafe errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        unsafe errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        unsafe headers = curl_slist_append(nil, "Accept: \(limits.accept)")
        unsafe nova_easy_set_pointer(easy, CURLOPT_HTTPHEADER, headers)
        if let token = limits.tls.token {
            unsafe headersWithToken = curl_slist_append(nil, "Accept: \(limits.accept)")
            unsafe headersWithToken = curl_slist_append(
                headersWithToken,
                "Authorization: Bearer \(token)"
            )
        }
        unsafe nova_easy_set_pointer(easy, CURLOPT_ERRORBUFFER, errorText)
        unsafe nova_easy_set_callbacks(
            easy,
            onBody,
            onHeader,
            onOpenSocket,
            onCloseSocket,
            onRequest
        )
        let code = unsafe nova_easy_set_tls_callback(easy, onTLSContext)
        precondition(code == CURLE_OK, "libcurl must use OpenSSL")
        setClientOptions(limits)
    }

    /// Sets the context of the callbacks: the transfer that owns this handle, and its receiver.
    func setCallbackContext(_ transfer: Transfer) {
        let context = unsafe Unmanaged.passUnretained(transfer).toOpaque()
        let receiver = unsafe Unmanaged.passUnretained(transfer.receiver).toOpaque()
        unsafe nova_easy_set_pointer(easy, CURLOPT_PRIVATE, context)
        unsafe nova_easy_set_pointer(easy, CURLOPT_WRITEDATA, receiver)
        unsafe nova_easy_set_pointer(easy, CURLOPT_HEADERDATA, receiver)
        unsafe nova_easy_set_pointer(easy, CURLOPT_OPENSOCKETDATA, context)
        unsafe nova_easy_set_pointer(easy, CURLOPT_PREREQDATA, context)
        unsafe nova_easy_set_pointer(easy, CURLOPT_SSL_CTX_DATA, context)
    }

    /// Sets the context of the callback that closes a connection, perhaps long after the transfer.
    ///
    /// It must live as long as the multi handle.
    func setCloseContext(_ actions: PendingActions) {
        let context = unsafe Unmanaged.passUnretained(actions).toOpaque()
        unsafe nova_easy_set_pointer(easy, CURLOPT_CLOSESOCKETDATA, context)
    }

    deinit {
        unsafe curl_easy_cleanup(easy)
        unsafe curl_slist_free_all(headers)
        unsafe curl_slist_free_all(headersWithToken)
        unsafe curl_slist_free_all(resolved)
        unsafe errorText.deallocate()
    }

    func clearErrorText() {
        unsafe errorText.pointee = 0
    }

    /// Replaces the entry for CURLOPT_RESOLVE; nil removes it.
    mutating func resolve(_ entry: String?) {
        guard unsafe entry != nil || resolved != nil else { return }
        let list = unsafe entry.flatMap { unsafe curl_slist_append(nil, $0) }
        unsafe nova_easy_set_pointer(easy, CURLOPT_RESOLVE, list)
        unsafe curl_slist_free_all(resolved)
        unsafe resolved = list
    }

    /// Sends the token with the next request, if there is one and `isWanted`.
    mutating func sendToken(_ isWanted: Bool) {
        guard unsafe headersWithToken != nil, isWanted != sendsToken else { return }
        sendsToken = isWanted
        let list = unsafe isWanted ? headersWithToken : headers
        unsafe nova_easy_set_pointer(easy, CURLOPT_HTTPHEADER, list)
    }

    /// What the handshake of the current connection showed; nil without TLS.
    var handshake: Handshake? {
        unsafe nova_easy_tls_session(easy).flatMap { unsafe Handshake(of: $0) }
    }

    /// The numbers of the current or the last transfer.
    var facts: nova_transfer_facts {
        unsafe nova_easy_facts(easy)
    }

    /// The first 64 bytes of the response's content type.
    var contentType: String? {
        unsafe facts.content_type.map { unsafe String(String(cString: $0).utf8.prefix(64)) ?? "" }
    }

    /// The server's address on the last connection, IPv6 in brackets.
    var remoteAddress: String {
        let address = unsafe facts.remote_address.map { unsafe String(cString: $0) } ?? ""
        return address.contains(":") ? "[\(address)]" : address
    }

    /// libcurl's error text for this failure, or its general text for `code`.
    ///
    /// libcurl keeps only the first text of a transfer. If the transfer first closed an idle TLS
    /// connection, that text may be that its closing alert could not be sent.
    func explanation(of code: CURLcode) -> String {
        let text = unsafe String(cString: errorText)
        let isOther = text.hasPrefix("Send failure: ") && code != CURLE_SEND_ERROR
        return unsafe text.isEmpty || isOther ? String(cString: curl_easy_strerror(code)) : text
    }
}

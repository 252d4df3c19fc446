internal import CCurl
import Glibc

// The handles of libcurl. Each is owned by exactly one value, whose end is the C clean-up.

/// A multi handle: some transfers and the connections they keep.
///
/// libcurl re-enters: each of these calls may run callbacks, which only write down `PendingActions`.
@safe struct MultiHandle: ~Copyable {
    private let multi: UnsafeMutableRawPointer
    /// Where the callbacks write.
    ///
    /// Held here, so that it outlives the handle.
    let actions = PendingActions()

    init() {
        _ = Libcurl.initialize
        guard let multi = unsafe curl_multi_init() else { fatalError("no memory for libcurl") }
        unsafe self.multi = multi
        let context = unsafe Unmanaged.passUnretained(actions).toOpaque()
        unsafe mustSucceed(nova_multi_set_socket_callback(multi, onSocketChange, context))
        unsafe mustSucceed(nova_multi_set_timer_callback(multi, onTimerChange, context))
    }

    deinit {
        unsafe curl_multi_cleanup(multi)
    }

    /// Sets how many connections may idle; of more the oldest is closed when a transfer ends.
    func keep(_ connections: Int) {
        // 0 is the default, four times the transfers under way, which closes many in quiet times.
        let kept = max(1, connections)
        unsafe mustSucceed(nova_multi_set_long(multi, CURLMOPT_MAXCONNECTS, kept))
    }

    func add(_ easy: borrowing EasyHandle) -> CURLMcode {
        unsafe curl_multi_add_handle(multi, easy.easy)
    }

    /// Ends a transfer, finished or not; an unfinished one loses its connection.
    func remove(_ easy: borrowing EasyHandle) {
        unsafe mustSucceed(curl_multi_remove_handle(multi, easy.easy))
    }

    func socketIsReady(_ socket: Int32, readable: Bool, writable: Bool) {
        let mask = (readable ? CURL_CSELECT_IN : 0) | (writable ? CURL_CSELECT_OUT : 0)
        var running: Int32 = 0
        _ = unsafe curl_multi_socket_action(multi, socket, mask, &running)
    }

    func timerFired() {
        var running: Int32 = 0
        _ = unsafe curl_multi_socket_action(multi, CURL_SOCKET_BAD, 0, &running)
    }

    /// A transfer that finished, and its code; nil when there is no more.
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

/// An easy handle with its options, and what libcurl writes to while a transfer runs.
@safe struct EasyHandle: ~Copyable {
    let easy: UnsafeMutableRawPointer
    private let errorText: UnsafeMutablePointer<CChar>
    private var headers: UnsafeMutablePointer<curl_slist>?
    private let lifeSeconds: Int
    private var resolved: UnsafeMutablePointer<curl_slist>?

    init(limits: FetchLimits) {
        _ = Libcurl.initialize
        lifeSeconds = Int(limits.namedConnectionLife.components.seconds)
        guard let easy = unsafe curl_easy_init() else { fatalError("no memory for libcurl") }
        unsafe self.easy = easy
        unsafe errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        unsafe errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        unsafe headers = curl_slist_append(nil, "Accept: \(limits.accept)")
        unsafe nova_easy_set_list(easy, CURLOPT_HTTPHEADER, headers)
        unsafe nova_easy_set_data_callback(easy, CURLOPT_WRITEFUNCTION, onBody)
        unsafe nova_easy_set_data_callback(easy, CURLOPT_HEADERFUNCTION, onHeader)
        unsafe nova_easy_set_pointer(easy, CURLOPT_ERRORBUFFER, errorText)
        unsafe nova_easy_set_open_socket_callback(easy, onOpenSocket)
        unsafe nova_easy_set_close_socket_callback(easy, onCloseSocket)
        unsafe nova_easy_set_request_callback(easy, onRequest)
        setClientOptions(limits)
    }

    /// Names whom the callbacks call: the transfer that owns this handle, and its receiver.
    func setCallbackContext(_ transfer: Transfer) {
        let context = unsafe Unmanaged.passUnretained(transfer).toOpaque()
        let receiver = unsafe Unmanaged.passUnretained(transfer.receiver).toOpaque()
        unsafe nova_easy_set_pointer(easy, CURLOPT_PRIVATE, context)
        unsafe nova_easy_set_pointer(easy, CURLOPT_WRITEDATA, receiver)
        unsafe nova_easy_set_pointer(easy, CURLOPT_HEADERDATA, receiver)
        unsafe nova_easy_set_pointer(easy, CURLOPT_OPENSOCKETDATA, context)
        unsafe nova_easy_set_pointer(easy, CURLOPT_PREREQDATA, context)
    }

    /// Names who is told when a connection that the transfer makes is closed, perhaps long after
    /// it; must live as long as the multi handle.
    func reportCloses(to actions: PendingActions) {
        let context = unsafe Unmanaged.passUnretained(actions).toOpaque()
        unsafe nova_easy_set_pointer(easy, CURLOPT_CLOSESOCKETDATA, context)
    }

    deinit {
        unsafe curl_easy_cleanup(easy)
        unsafe curl_slist_free_all(headers)
        unsafe curl_slist_free_all(resolved)
        unsafe errorText.deallocate()
    }

    /// Sets what differs from GET to GET, for what is left until the deadline.
    ///
    /// - Parameters:
    ///   - request: What is fetched.
    ///   - addresses: Those of the URL's host, one of each family at most; none if it is an address
    ///     itself.
    ///   - timeoutMilliseconds: Above 0.
    ///   - headStartMilliseconds: How long the first address is tried before the second is too.
    ///   - keepsConnection: Whether the connection is left open.
    ///   - needsFreshConnection: Whether a kept connection must not be used.
    mutating func prepare(
        _ request: FetchRequest,
        addresses: [String],
        timeoutMilliseconds: Int,
        headStartMilliseconds: Int,
        keepsConnection: Bool,
        needsFreshConnection: Bool
    ) {
        set(CURLOPT_URL, request.url)
        set(CURLOPT_TIMEOUT_MS, timeoutMilliseconds)
        set(CURLOPT_CONNECTTIMEOUT_MS, timeoutMilliseconds)
        set(CURLOPT_FORBID_REUSE, keepsConnection ? 0 : 1)
        set(CURLOPT_FRESH_CONNECT, needsFreshConnection ? 1 : 0)
        set(CURLOPT_MAXLIFETIME_CONN, request.name == nil ? 0 : lifeSeconds)
        unsafe errorText.pointee = 0
        guard let name = request.name else {
            if unsafe resolved != nil { resolve(nil) }
            return
        }
        if addresses.count > 1 {
            // 0 is libcurl's default of 200 ms.
            set(CURLOPT_HAPPY_EYEBALLS_TIMEOUT_MS, max(1, headStartMilliseconds))
        }
        resolve("\(name):\(request.port):\(addresses.joined(separator: ","))")
    }

    /// Replaces what libcurl is told about the address of a name.
    private mutating func resolve(_ entry: String?) {
        let list = unsafe entry.flatMap { unsafe curl_slist_append(nil, $0) }
        unsafe nova_easy_set_list(easy, CURLOPT_RESOLVE, list)
        unsafe curl_slist_free_all(resolved)
        unsafe resolved = list
    }

    /// The numbers of the transfer that ended.
    var facts: nova_transfer_facts {
        unsafe nova_easy_facts(easy)
    }

    /// The answer's content type, at most 64 bytes of it.
    var contentType: String? {
        unsafe facts.content_type.map { unsafe String(String(cString: $0).utf8.prefix(64)) ?? "" }
    }

    /// The address of the connection that was used last, IPv6 in brackets.
    var remoteAddress: String {
        let address = unsafe nova_easy_remote_address(easy).map { unsafe String(cString: $0) } ?? ""
        return address.contains(":") ? "[\(address)]" : address
    }

    /// What libcurl said of the failure, or its general text for `code`.
    func explanation(of code: CURLcode) -> String {
        unsafe String(cString: errorText.pointee == 0 ? curl_easy_strerror(code) : .init(errorText))
    }
}

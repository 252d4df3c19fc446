internal import CCurl
import Glibc

// Every pointer of this module stands here or in Callbacks.swift. A handle is owned by exactly one
// value, whose end is the C clean-up.

/// Ends the wait of an `EventQueue`: an eventfd(2).
///
/// The only right that leaves the loop's thread; `signal` may be called from any thread.
final class WakeUp: Sendable {
    let descriptor: Int32

    init() throws(SystemError) {
        descriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        guard descriptor >= 0 else { throw SystemError(code: errno, during: "eventfd") }
    }

    deinit {
        close(descriptor)
    }

    /// Ends the current or the next wait.
    func signal() {
        // A full counter refuses the write, and then the wait ends anyway.
        _ = eventfd_write(descriptor, 1)
    }

    /// Waits for a signal without an event queue.
    func wait() {
        var descriptor = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        _ = unsafe poll(&descriptor, 1, -1)
        drain()
    }

    /// Forgets the signals so far.
    func drain() {
        var count: eventfd_t = 0
        _ = unsafe eventfd_read(descriptor, &count)
    }
}

/// A system call that failed while the client was being made.
package struct SystemError: Error {
    /// errno
    package var code: Int32
    package var during: String
}

/// What may be read or written now: an epoll(7) instance.
struct EventQueue: ~Copyable {
    /// One descriptor that is ready; `isReadable` and `isWritable` include errors and hang-ups.
    struct Event {
        var tag: UInt64
        var events: UInt32

        var isReadable: Bool {
            events & (EPOLLIN.rawValue | EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0
        }
        var isWritable: Bool { events & (EPOLLOUT.rawValue | EPOLLERR.rawValue) != 0 }
    }

    private let descriptor: Int32
    private var tags = [UInt64](repeating: 0, count: 256)
    private var events = [UInt32](repeating: 0, count: 256)

    init() throws(SystemError) {
        descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard descriptor >= 0 else { throw SystemError(code: errno, during: "epoll_create1") }
    }

    deinit {
        close(descriptor)
    }

    /// Watches `socket`, or changes what it is watched for, whichever applies.
    ///
    /// libcurl says neither when it closes an idle connection, so a descriptor may be known that
    /// should not be, and the reverse: whichever of the two calls fails, the other is meant.
    func watch(_ socket: Int32, forReading: Bool, forWriting: Bool, tag: UInt64) {
        let wanted =
            (forReading ? EPOLLIN.rawValue : 0) | (forWriting ? EPOLLOUT.rawValue : 0)
        if nova_epoll_control(descriptor, EPOLL_CTL_MOD, socket, wanted, tag) == ENOENT {
            _ = nova_epoll_control(descriptor, EPOLL_CTL_ADD, socket, wanted, tag)
        }
    }

    /// Stops watching; a descriptor that is already closed is already forgotten.
    func forget(_ socket: Int32) {
        _ = nova_epoll_control(descriptor, EPOLL_CTL_DEL, socket, 0, 0)
    }

    /// Waits up to `nanoseconds` and hands over what is ready, at most 256 at a time.
    mutating func wait(nanoseconds: Int64, into ready: inout [Event]) {
        ready.removeAll(keepingCapacity: true)
        let count = unsafe nova_epoll_wait(descriptor, nanoseconds, &tags, &events, 256)
        for index in 0..<max(0, Int(count)) {
            ready.append(Event(tag: tags[index], events: events[index]))
        }
    }
}

/// A multi handle: some transfers and the connections they keep.
///
/// libcurl re-enters: each of these calls may run callbacks, which only write down `Wishes`.
@safe struct MultiHandle: ~Copyable {
    private let multi: UnsafeMutableRawPointer
    /// Where the callbacks write. Held here, so that it outlives the handle.
    let wishes = Wishes()

    init(keptConnections: Int) {
        guard let multi = unsafe curl_multi_init() else { fatalError("no memory for libcurl") }
        unsafe self.multi = multi
        let context = unsafe Unmanaged.passUnretained(wishes).toOpaque()
        unsafe mustSucceed(nova_multi_set_socket_callback(multi, onSocketWish, context))
        unsafe mustSucceed(nova_multi_set_timer_callback(multi, onTimerWish, context))
        // Its default, four times the transfers under way, closes kept connections in quiet times.
        let kept = max(1, keptConnections)
        unsafe mustSucceed(nova_multi_set_long(multi, CURLMOPT_MAXCONNECTS, kept))
    }

    deinit {
        unsafe curl_multi_cleanup(multi)
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
    fileprivate let easy: UnsafeMutableRawPointer
    private let errorText: UnsafeMutablePointer<CChar>
    private var headers: UnsafeMutablePointer<curl_slist>?
    private var resolved: UnsafeMutablePointer<curl_slist>?

    init(limits: Limits) {
        guard let easy = unsafe curl_easy_init() else { fatalError("no memory for libcurl") }
        unsafe self.easy = easy
        unsafe errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        unsafe errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        unsafe headers = curl_slist_append(nil, "Accept: \(limits.accept)")
        unsafe nova_easy_set_list(easy, CURLOPT_HTTPHEADER, headers)
        unsafe nova_easy_set_data_callback(easy, CURLOPT_WRITEFUNCTION, onBody)
        unsafe nova_easy_set_data_callback(easy, CURLOPT_HEADERFUNCTION, onHeader)
        unsafe nova_easy_set_pointer(easy, CURLOPT_ERRORBUFFER, errorText)
        setBehaviour(limits)
    }

    /// Names whom the callbacks call: the transfer that owns this handle.
    func report(to transfer: Transfer) {
        let context = unsafe Unmanaged.passUnretained(transfer).toOpaque()
        unsafe nova_easy_set_pointer(easy, CURLOPT_PRIVATE, context)
        unsafe nova_easy_set_pointer(easy, CURLOPT_WRITEDATA, context)
        unsafe nova_easy_set_pointer(easy, CURLOPT_HEADERDATA, context)
    }

    /// What every GET of this client does and does not do.
    private func setBehaviour(_ limits: Limits) {
        set(CURLOPT_NOSIGNAL, 1)
        set(CURLOPT_FOLLOWLOCATION, 0)
        set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        set(CURLOPT_PROTOCOLS_STR, "http,https")
        // Empty, not unset: unset asks the environment.
        set(CURLOPT_PROXY, "")
        set(CURLOPT_USERAGENT, limits.userAgent)
        set(CURLOPT_MAXAGE_CONN, max(1, Int(limits.idleTime.components.seconds)))
        // Addresses are handed in; nothing is kept, and libcurl's own lookup never blocks the loop.
        set(CURLOPT_DNS_CACHE_TIMEOUT, 0)
        set(CURLOPT_QUICK_EXIT, 1)
        set(CURLOPT_CAINFO, limits.caFile ?? Self.systemBundle)
        // With a directory of certificates set, libcurl reads the whole bundle for each connection.
        unsafe nova_easy_set_string(easy, CURLOPT_CAPATH, nil)
    }

    /// Where Debian keeps the certificates that it trusts.
    private static let systemBundle = "/etc/ssl/certs/ca-certificates.crt"

    deinit {
        unsafe curl_easy_cleanup(easy)
        unsafe curl_slist_free_all(headers)
        unsafe curl_slist_free_all(resolved)
        unsafe errorText.deallocate()
    }

    private func set(_ option: CURLoption, _ value: Int) {
        let code = unsafe nova_easy_set_long(easy, option, value)
        precondition(code == CURLE_OK, "libcurl does not know option \(option.rawValue)")
    }

    private func set(_ option: CURLoption, _ value: String) {
        let code = unsafe nova_easy_set_string(easy, option, value)
        precondition(code == CURLE_OK, "libcurl does not know option \(option.rawValue)")
    }

    /// Sets what differs from GET to GET.
    ///
    /// - Parameters:
    ///   - addresses: Where the URL's host is; empty if it is an address itself.
    ///   - timeout: What is left until the deadline.
    mutating func prepare(
        _ get: Get,
        addresses: [String],
        timeoutMilliseconds: Int,
        keepsConnection: Bool
    ) {
        set(CURLOPT_URL, get.url)
        set(CURLOPT_TIMEOUT_MS, max(1, timeoutMilliseconds))
        set(CURLOPT_CONNECTTIMEOUT_MS, max(1, timeoutMilliseconds))
        set(CURLOPT_FORBID_REUSE, keepsConnection ? 0 : 1)
        unsafe errorText.pointee = 0
        guard let name = get.name else {
            if unsafe resolved != nil { resolve(nil) }
            return
        }
        resolve("\(name):\(get.port):\(addresses.joined(separator: ","))")
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
        let type = unsafe facts.content_type
        return unsafe type.map { unsafe String(String(cString: $0).utf8.prefix(64)) ?? "" }
    }

    /// What libcurl said of the failure, or its general text for `code`.
    func explanation(of code: CURLcode) -> String {
        if unsafe errorText.pointee != 0 {
            return unsafe String(cString: errorText)
        }
        return unsafe String(cString: curl_easy_strerror(code))
    }
}

/// The addresses of `name`, asked of the system's resolver; blocks for as long as that takes.
///
/// - Returns: Numeric addresses in the resolver's order, IPv6 in brackets, at most 8; or its words
///   for why there are none. See getaddrinfo(3).
func lookUp(_ name: String) -> Result<[String], LookupFailure> {
    var hints = unsafe addrinfo()
    unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    unsafe hints.ai_flags = AI_ADDRCONFIG
    var list: UnsafeMutablePointer<addrinfo>?
    let status = unsafe getaddrinfo(name, nil, &hints, &list)
    defer { if let list = unsafe list { unsafe freeaddrinfo(list) } }
    guard status == 0 else {
        return .failure(LookupFailure(detail: unsafe String(cString: gai_strerror(status))))
    }
    var addresses: [String] = []
    var next = unsafe list
    while let entry = unsafe next, addresses.count < 8 {
        var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let code = unsafe getnameinfo(
            entry.pointee.ai_addr,
            entry.pointee.ai_addrlen,
            &text,
            socklen_t(text.count),
            nil,
            0,
            NI_NUMERICHOST
        )
        if code == 0 {
            let address = String(
                decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)),
                as: UTF8.self
            )
            let isIPv6 = unsafe entry.pointee.ai_family == AF_INET6
            addresses.append(isIPv6 ? "[\(address)]" : address)
        }
        unsafe next = entry.pointee.ai_next
    }
    return addresses.isEmpty
        ? .failure(LookupFailure(detail: "the name has no address")) : .success(addresses)
}

/// Why a name has no address, in the resolver's words.
struct LookupFailure: Error {
    var detail: String
}

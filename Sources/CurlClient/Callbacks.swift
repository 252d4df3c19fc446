internal import CCurl
internal import ClientTLS
import Glibc

// The functions that libcurl calls back, on the client's thread. They are free functions because a
// C callback cannot be isolated to an actor.

/// An object that was passed to libcurl for its callbacks, or a handle of libcurl.
typealias Context = UnsafeMutableRawPointer
/// Bytes, or a C string.
typealias Characters = UnsafeMutablePointer<CChar>

/// CURLMOPT_SOCKETFUNCTION: libcurl changes the events for which it watches a socket.
func onSocketChange(
    _ easy: Context?,
    _ socket: curl_socket_t,
    _ what: Int32,
    _ context: Context?,
    _ socketContext: Context?
) -> Int32 {
    if let actions: PendingActions = unsafe object(at: context) {
        var interest: Interest = []
        if what == CURL_POLL_IN || what == CURL_POLL_INOUT { interest.insert(.reading) }
        if what == CURL_POLL_OUT || what == CURL_POLL_INOUT { interest.insert(.writing) }
        actions.list.append(.watch(socket, interest))
        if !interest.isEmpty, let easy = unsafe easy,
            let transfer: Transfer = unsafe object(at: nova_easy_context(easy))
        {
            transfer.attempt.socket = socket
        }
    }
    return 0
}

/// CURLMOPT_TIMERFUNCTION: libcurl sets its timer, in milliseconds from now; -1 stops it.
func onTimerChange(_ multi: Context?, _ milliseconds: Int, _ context: Context?) -> Int32 {
    if let actions: PendingActions = unsafe object(at: context) {
        actions.list.append(.timer(milliseconds < 0 ? nil : .milliseconds(milliseconds)))
    }
    return 0
}

/// CURLOPT_WRITEFUNCTION: a part of a body.
///
/// If the result differs from `count`, libcurl ends the transfer.
func onBody(_ data: Characters?, _ one: Int, _ count: Int, _ context: Context?) -> Int {
    guard let receiver: ResponseReceiver = unsafe object(at: context) else { return 0 }
    let bytes = unsafe UnsafeRawBufferPointer(start: data, count: count)
    return unsafe receiver.receiveBody(bytes.bytes) ? count : 0
}

/// CURLOPT_HEADERFUNCTION: one line of a header block, or the status line.
func onHeader(_ data: Characters?, _ one: Int, _ count: Int, _ context: Context?) -> Int {
    guard let receiver: ResponseReceiver = unsafe object(at: context) else { return 0 }
    let bytes = unsafe UnsafeRawBufferPointer(start: data, count: count)
    return unsafe receiver.receiveHeader(bytes.bytes) ? count : 0
}

/// CURLOPT_OPENSOCKETFUNCTION: creates a socket, and stores errno if that fails.
///
/// Unlike libcurl's own socket it is close-on-exec, so that no child process keeps a connection
/// open.
func onOpenSocket(
    _ context: Context?,
    _ purpose: curlsocktype,
    _ address: UnsafeMutablePointer<curl_sockaddr>?
) -> curl_socket_t {
    guard let transfer: Transfer = unsafe object(at: context), let address = unsafe address,
        transfer.admitConnection()
    else { return CURL_SOCKET_BAD }
    let type = unsafe address.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue)
    let descriptor = unsafe socket(address.pointee.family, type, address.pointee.protocol)
    if descriptor < 0 {
        transfer.socketError = errno
    } else if ReservedDescriptors.contains(descriptor) {
        close(descriptor)
        transfer.socketError = EMFILE
        return CURL_SOCKET_BAD
    } else if case .running(let shard) = transfer.state {
        transfer.openedSockets += 1
        shard.multi.actions.list.append(
            .opened(descriptor, tlsGeneration: transfer.generation.tls)
        )
    }
    return descriptor
}

/// CURLOPT_CLOSESOCKETFUNCTION: closes a socket; the system may reuse its number at once.
func onCloseSocket(_ context: Context?, _ socket: curl_socket_t) -> Int32 {
    if let actions: PendingActions = unsafe object(at: context) {
        actions.list.append(.closed(socket))
    }
    return close(socket)
}

/// CURLOPT_PREREQFUNCTION: libcurl is about to send the request on a connection.
func onRequest(
    _ context: Context?,
    _ remoteAddress: Characters?,
    _ localAddress: Characters?,
    _ remotePort: Int32,
    _ localPort: Int32
) -> Int32 {
    guard let transfer: Transfer = unsafe object(at: context) else { return CURL_PREREQFUNC_ABORT }
    return transfer.admitRequest(from: localPort) ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
}

/// CURLOPT_SSL_CTX_FUNCTION: libcurl has created the context of a TLS connection.
func onTLSContext(_ easy: Context?, _ tls: Context?, _ context: Context?) -> CURLcode {
    guard let transfer: Transfer = unsafe object(at: context), let tls = unsafe tls,
        let store = transfer.limits.tls.authorities ?? SystemBundle.store
    else { return CURLE_SSL_CACERT_BADFILE }
    let own = transfer.limits.tls.certificate
    return unsafe install(own, trusting: store, in: tls) ? CURLE_OK : CURLE_OUT_OF_MEMORY
}

private func object<Object: AnyObject>(at context: Context?) -> Object? {
    guard let context = unsafe context else { return nil }
    return unsafe Unmanaged<Object>.fromOpaque(context).takeUnretainedValue()
}

/// Runs `body` on a detached thread of its own.
func startThread(
    named name: String,
    running body: @escaping @Sendable () -> Void
) throws(SystemError) {
    let box = unsafe Unmanaged.passRetained(
        ThreadBody {
            unsafe nova_name_thread(name)
            body()
        }
    )
    var thread = pthread_t()
    let status = unsafe pthread_create(&thread, nil, runThread, box.toOpaque())
    guard status == 0 else {
        unsafe box.release()
        throw SystemError(code: status, during: "starting the thread \(name)")
    }
    pthread_detach(thread)
}

private final class ThreadBody: Sendable {
    let run: @Sendable () -> Void

    init(_ run: @escaping @Sendable () -> Void) {
        self.run = run
    }
}

private func runThread(_ box: Context?) -> Context? {
    guard let box = unsafe box else { return nil }
    unsafe Unmanaged<ThreadBody>.fromOpaque(box).takeRetainedValue().run()
    return nil
}

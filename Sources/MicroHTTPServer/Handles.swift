internal import CMicroHTTPD
internal import Glibc

/// A running daemon with its threads (MHD_start_daemon(3)); stopped when it goes.
@safe struct DaemonHandle: ~Copyable {
    private let daemon: OpaquePointer
    private let site: Unmanaged<ServerContext>
    private let sink: UnsafeMutablePointer<mhd_log_sink>

    /// Nil if the library refuses; it says why in the log.
    init?(_ configuration: Configuration, _ site: ServerContext) {
        unsafe MHD_set_panic_func(panic, nil)
        signal(SIGPIPE, SIG_IGN)
        let limits = mhd_limits(
            threads: UInt32(configuration.threads),
            // Each thread could have them all, and those besides that it is told of only later.
            connections: UInt32(configuration.maxConnections * 2 * configuration.threads),
            idle_seconds: UInt32(max(configuration.idleTimeout.components.seconds, 1)),
            connection_bytes: configuration.maxRequestBytes
        )
        let context = unsafe Unmanaged.passRetained(site)
        let sink = UnsafeMutablePointer<mhd_log_sink>.allocate(capacity: 1)
        unsafe sink.initialize(to: mhd_log_sink(write: writeLog, context: context.toOpaque()))
        let daemon = unsafe mhd_start(
            limits,
            sink,
            hearRequest,
            answerRequest,
            completeRequest,
            noteConnection,
            context.toOpaque()
        )
        guard let daemon = unsafe daemon else {
            unsafe sink.deallocate()
            unsafe context.release()
            return nil
        }
        unsafe self.daemon = daemon
        unsafe (self.site, self.sink) = (context, sink)
    }

    /// Hands a connection over (MHD_add_connection(3)), which the library closes if it refuses it.
    func add(_ descriptor: CInt) -> Bool {
        unsafe mhd_add(daemon, descriptor) != 0
    }

    /// Stops the threads and closes every connection; blocks until that is done.
    deinit {
        // No connection may be suspended in MHD_stop_daemon(3): it would abort.
        unsafe site._withUnsafeGuaranteedRef { $0.pages.close() }
        unsafe MHD_stop_daemon(daemon)
        unsafe sink.deallocate()
        unsafe site.release()
    }
}

/// A connection was taken over or is about to be closed (MHD_OPTION_NOTIFY_CONNECTION): between the
/// two the library keeps our object for it, which every request on it finds there.
nonisolated func noteConnection(
    context: UnsafeMutableRawPointer?,
    connection: OpaquePointer?,
    kept: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
    code: UInt32
) {
    guard let context = unsafe context, let connection = unsafe connection,
        let kept = unsafe kept
    else { return }
    let connections = unsafe Unmanaged<ServerContext>.fromOpaque(context).takeUnretainedValue()
        .connections
    if code == mhd_connection_started {
        guard let open = connections.serve(unsafe mhd_socket(connection)) else { return }
        unsafe kept.pointee = Unmanaged.passRetained(open).toOpaque()
    } else if let open = unsafe kept.pointee {
        unsafe kept.pointee = nil
        let ended = unsafe Unmanaged<OpenConnection>.fromOpaque(open).takeRetainedValue()
        connections.remove(ended.descriptor)
    }
}

/// A line for the log.
nonisolated func writeLog(context: UnsafeMutableRawPointer?, line: UnsafePointer<CChar>?) {
    guard let context = unsafe context, let line = unsafe line else { return }
    let text = unsafe String(cString: line).prefix { $0 != "\n" }
    unsafe Unmanaged<ServerContext>.fromOpaque(context).takeUnretainedValue().log(String(text))
}

/// The library found itself broken (MHD_set_panic_func(3)); it cannot go on.
nonisolated func panic(
    context: UnsafeMutableRawPointer?,
    file: UnsafePointer<CChar>?,
    line: UInt32,
    reason: UnsafePointer<CChar>?
) {
    let text = unsafe reason.map { unsafe String(cString: $0) } ?? "no reason given"
    fatalError("libmicrohttpd cannot go on: \(text)")
}

/// A thread of its own, which can be waited for (pthread_create(3)).
struct ThreadHandle: Sendable {
    private let thread: pthread_t

    init(named name: String, _ body: @escaping @Sendable () -> Void) throws(ServerError) {
        let box = unsafe Unmanaged.passRetained(ThreadBody(name, body))
        var thread = pthread_t()
        let status = unsafe pthread_create(&thread, nil, runThread, box.toOpaque())
        guard status == 0 else {
            unsafe box.release()
            throw .noSystemResource("pthread_create", status)
        }
        self.thread = thread
    }

    /// Waits until its body returns.
    func join() {
        pthread_join(thread, nil)
    }
}

private final class ThreadBody: Sendable {
    let name: String
    let run: @Sendable () -> Void

    init(_ name: String, _ run: @escaping @Sendable () -> Void) {
        (self.name, self.run) = (name, run)
    }
}

private nonisolated func runThread(_ box: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if let box = unsafe box {
        let body = unsafe Unmanaged<ThreadBody>.fromOpaque(box).takeRetainedValue()
        unsafe mhd_name_thread(body.name)
        body.run()
    }
    return nil
}

/// A response in memory that the library can send (MHD_create_response_from_buffer(3)); those
/// that are queued hold on to it by themselves.
///
/// It is complete once made, and its users are counted under a lock of its own
/// (MHD_queue_response(3), MHD_destroy_response(3)): any thread may queue it or let it go.
@safe struct ResponseHandle: ~Copyable, @unchecked Sendable {
    let response: OpaquePointer

    init(body: [UInt8], headers: [(name: String, value: String)]) {
        let response = unsafe body.withUnsafeBytes { bytes in
            unsafe MHD_create_response_from_buffer(
                bytes.count,
                UnsafeMutableRawPointer(mutating: bytes.baseAddress),
                MHD_ResponseMemoryMode.RESPMEM_MUST_COPY
            )
        }
        guard let response = unsafe response else { fatalError("a response needs memory") }
        unsafe self.response = response
        for (name, value) in headers {
            let isAdded = unsafe MHD_add_response_header(response, name, value)
            precondition(isAdded == .YES, "a header of ours must be well-formed: \(name)")
        }
    }

    deinit { unsafe MHD_destroy_response(response) }
}

/// The right to resume one suspended connection, once, from any thread.
///
/// MHD_suspend_connection(3): the connection is valid, and untouched by the library, until
/// MHD_resume_connection(3), which may be called from any thread.
@safe struct Resumption: ~Copyable, @unchecked Sendable {
    private let connection: OpaquePointer

    init(_ connection: OpaquePointer) {
        unsafe self.connection = connection
    }

    consuming func resume() {
        unsafe MHD_resume_connection(connection)
    }
}

internal import CMicroHTTPD
internal import Glibc

/// A running daemon with its threads (MHD_start_daemon(3)); stopped when it goes.
@safe struct DaemonHandle: ~Copyable {
    private let daemon: OpaquePointer
    /// The daemon's own, and closed by it; here only to be shut.
    private let listener: CInt
    private let site: Unmanaged<Site>
    private let sink: UnsafeMutablePointer<mhd_log_sink>

    /// Nil if the library refuses; it says why in the log.
    init?(_ socket: consuming ListeningSocket, _ configuration: Configuration, _ site: Site) {
        unsafe MHD_set_panic_func(panic, nil)
        signal(SIGPIPE, SIG_IGN)
        let limits = mhd_limits(
            threads: UInt32(configuration.threads),
            connections: UInt32(max(configuration.maxConnections, configuration.threads)),
            connections_per_address: UInt32(configuration.maxConnectionsPerAddress),
            idle_seconds: UInt32(max(configuration.idleTimeout.components.seconds, 1)),
            connection_bytes: configuration.maxRequestBytes,
            backlog: UInt32(configuration.backlog)
        )
        let context = unsafe Unmanaged.passRetained(site)
        let sink = UnsafeMutablePointer<mhd_log_sink>.allocate(capacity: 1)
        unsafe sink.initialize(to: mhd_log_sink(write: writeLog, context: context.toOpaque()))
        let listener = socket.take()
        let daemon = unsafe mhd_start(
            listener,
            limits,
            sink,
            hearRequest,
            answerRequest,
            completeRequest,
            context.toOpaque()
        )
        guard let daemon = unsafe daemon else {
            unsafe sink.deallocate()
            unsafe context.release()
            return nil
        }
        unsafe (self.daemon, self.listener) = (daemon, listener)
        unsafe (self.site, self.sink) = (context, sink)
    }

    /// Connections that are open, busy or idle (MHD_get_daemon_info(3)).
    var connectionCount: Int {
        unsafe Int(mhd_connection_count(daemon))
    }

    /// New connections are refused at once; those that wait to be accepted are reset.
    ///
    /// Not MHD_quiesce_daemon(3): in 0.9.75 it takes the listener out of each thread's epoll set
    /// while that thread, told to do the same, may have done so, and then aborts. A socket that
    /// is shut down stays in the sets and wakes the threads again and again, until
    /// `silenceListener()`.
    func refuseConnections() {
        shutdown(listener, CInt(SHUT_RDWR))
    }

    /// Puts a socket in the listener's place on which nothing ever happens: the threads can sleep.
    ///
    /// At least a turn of their loops after `refuseConnections()`: a thread that just reached its
    /// limit still takes the listener itself out of its set.
    func silenceListener() {
        let silent = socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard silent >= 0 else { return }
        dup2(silent, listener)
        Glibc.close(silent)
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

/// A line for the log.
nonisolated func writeLog(context: UnsafeMutableRawPointer?, line: UnsafePointer<CChar>?) {
    guard let context = unsafe context, let line = unsafe line else { return }
    let text = unsafe String(cString: line).prefix { $0 != "\n" }
    unsafe Unmanaged<Site>.fromOpaque(context).takeUnretainedValue().log(String(text))
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

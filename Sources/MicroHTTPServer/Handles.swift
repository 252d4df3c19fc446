internal import CMicroHTTPD
internal import Glibc
internal import Trust

/// A running daemon with its threads (MHD_start_daemon(3)); the `deinit` stops it.
@safe struct DaemonHandle: ~Copyable {
    private let daemon: OpaquePointer
    private let context: Unmanaged<ServerContext>
    private let sink: UnsafeMutablePointer<mhd_log_sink>

    /// Throws if the library refuses; the reason is in the log.
    init(_ context: ServerContext) throws(ServerError) {
        unsafe MHD_set_panic_func(panic, nil)
        signal(SIGPIPE, SIG_IGN)
        let configuration = context.configuration
        let limits = mhd_limits(
            threads: UInt32(configuration.threads),
            // One thread may have all connections, and as many whose end it has not noticed yet.
            connections: UInt32(configuration.maxConnections * 2 * configuration.threads),
            idle_seconds: UInt32(max(configuration.idleTimeout.components.seconds, 1)),
            connection_bytes: configuration.maxRequestBytes
        )
        let retained = unsafe Unmanaged.passRetained(context)
        let sink = UnsafeMutablePointer<mhd_log_sink>.allocate(capacity: 1)
        unsafe sink.initialize(to: mhd_log_sink(write: writeLog, context: retained.toOpaque()))
        let daemon = unsafe mhd_start(
            limits,
            sink,
            configuration.minimumTLS?.priorities,
            presentCertificate,
            receiveTarget,
            answerRequest,
            completeRequest,
            noteConnection,
            retained.toOpaque()
        )
        guard let daemon = unsafe daemon else {
            unsafe sink.deallocate()
            unsafe retained.release()
            throw .cannotListen("libmicrohttpd refused to start on \(configuration.address)")
        }
        unsafe self.daemon = daemon
        unsafe (self.context, self.sink) = (retained, sink)
    }

    /// Passes a connection to the library (MHD_add_connection(3)).
    ///
    /// - Returns: False if the library refused, and so closed the connection.
    func add(_ descriptor: CInt) -> Bool { unsafe mhd_add(daemon, descriptor) != 0 }

    /// Stops the threads and closes every connection; blocks until that is done.
    deinit {
        // MHD_stop_daemon(3) aborts the process if a connection is suspended.
        unsafe context._withUnsafeGuaranteedRef { $0.closePages() }
        unsafe MHD_stop_daemon(daemon)
        unsafe sink.deallocate()
        unsafe context.release()
    }
}

/// A connection; valid only during a call of `answerRequest`, on the library's thread.
@safe struct ConnectionHandle: ~Copyable {
    let connection: OpaquePointer
    let url: UnsafePointer<CChar>
    let methodName: UnsafePointer<CChar>
    let version: UnsafePointer<CChar>

    var isGetOrHead: Bool {
        unsafe strcmp(methodName, MHD_HTTP_METHOD_GET) == 0
            || strcmp(methodName, MHD_HTTP_METHOD_HEAD) == 0
    }

    var isHTTP10: Bool { unsafe strcmp(version, MHD_HTTP_VERSION_1_0) == 0 }

    /// The request for the handler.
    func request(to destination: Destination) -> Request {
        // One expression, because a variable would be copied and destroyed for each request.
        unsafe Request(
            path: destination.path,
            accept: value(of: MHD_HTTP_HEADER_ACCEPT),
            host: destination.authority ?? value(of: MHD_HTTP_HEADER_HOST),
            parameters: parameters,
            socket: mhd_socket(connection)
        )
    }

    /// The first value of a header; the library removes the blanks before it, but not those after.
    private func value(of header: String) -> String? {
        unsafe MHD_lookup_connection_value(connection, MHD_ValueKind.HEADER_KIND, header)
            .map { text in
                var value = unsafe String(cString: text)
                while value.utf8.last?.isBlank == true { value.removeLast() }
                return value
            }
    }

    /// The decoded parameters of the target.
    var parameters: [(name: String, value: String)] {
        var parameters = Parameters()
        let kind = MHD_ValueKind.GET_ARGUMENT_KIND
        unsafe withUnsafeMutablePointer(to: &parameters) { parameters in
            _ = unsafe MHD_get_connection_values_n(connection, kind, visitParameter, parameters)
        }
        return parameters.all
    }

    /// The checked head of the request.
    func head(_ target: Target) -> Head {
        var check = unsafe HeadLayoutCheck(
            Head(target),
            method: Extent(start: UInt(bitPattern: methodName), count: strlen(methodName)),
            target: Extent(start: UInt(bitPattern: url), count: target.length),
            version: Extent(start: UInt(bitPattern: version), count: strlen(version))
        )
        let kind = MHD_ValueKind.HEADER_KIND
        unsafe MHD_get_connection_values_n(connection, kind, visitField, &check)
        return unsafe check.finish(headSize: mhd_head_size(connection))
    }

    /// False if a response is queued already (MHD_queue_response(3)).
    func queue(status: Int, _ response: borrowing ResponseHandle) -> Bool {
        unsafe MHD_queue_response(connection, UInt32(status), response.response) == .YES
    }

    /// Suspends the connection (MHD_suspend_connection(3)); once it is resumed, the library calls
    /// `answerRequest` again.
    func suspend() -> Resumption {
        unsafe MHD_suspend_connection(connection)
        return unsafe Resumption(connection)
    }
}

/// The thread of an `Acceptor` (pthread_create(3)), which it keeps alive.
struct ThreadHandle: Sendable {
    private let thread: pthread_t

    init(running acceptor: Acceptor) throws(ServerError) {
        let context = unsafe Unmanaged.passRetained(acceptor)
        var thread = pthread_t()
        let status = unsafe pthread_create(&thread, nil, runAcceptor, context.toOpaque())
        guard status == 0 else {
            unsafe context.release()
            throw .noSystemResource("pthread_create", status)
        }
        self.thread = thread
    }

    func join() { pthread_join(thread, nil) }
}

private nonisolated func runAcceptor(
    _ context: UnsafeMutableRawPointer?
) -> UnsafeMutableRawPointer? {
    unsafe mhd_name_thread("http-accept")
    if let context = unsafe context {
        unsafe Unmanaged<Acceptor>.fromOpaque(context).takeRetainedValue().run()
    }
    return nil
}

/// A response in memory that the library can send (MHD_create_response_from_buffer(3)).
///
/// It never changes, and its references are counted under its own lock (MHD_queue_response(3),
/// MHD_destroy_response(3)), so any thread may queue or destroy it. A queued response holds a
/// reference.
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
        guard let response = unsafe response else { fatalError("no memory for a response") }
        unsafe self.response = response
        for (name, value) in headers {
            let isAdded = unsafe MHD_add_response_header(response, name, value)
            precondition(isAdded == .YES, "a response header must be well-formed: \(name)")
        }
    }

    deinit { unsafe MHD_destroy_response(response) }
}

/// The right to resume one suspended connection, once, from any thread.
///
/// The library does not use or free a suspended connection until MHD_resume_connection(3), which
/// may be called from any thread.
@safe struct Resumption: ~Copyable, @unchecked Sendable {
    private let connection: OpaquePointer

    init(_ connection: OpaquePointer) {
        unsafe self.connection = connection
    }

    consuming func resume() { unsafe MHD_resume_connection(connection) }
}

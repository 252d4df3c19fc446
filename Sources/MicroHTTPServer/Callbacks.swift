internal import CMicroHTTPD
internal import Glibc

// The callbacks of libmicrohttpd. They are free functions, because a closure could inherit an
// actor's isolation and trap on the library's threads. The context is the `ServerContext`, which
// `DaemonHandle` keeps alive until the daemon is stopped.

/// The request line has arrived (MHD_OPTION_URI_LOG_CALLBACK): checks its target.
///
/// The library passes the result to every later callback for this request. The result is not an
/// object, because the library drops some requests with a very long query without a callback, so
/// nothing would release it.
nonisolated func receiveTarget(
    context: UnsafeMutableRawPointer?,
    target: UnsafePointer<CChar>?,
    connection: OpaquePointer?
) -> UnsafeMutableRawPointer? {
    guard let target = unsafe target else { return nil }
    unsafe overrideLength(connection)
    let mark = unsafe Target(bytes(target, strlen(target)).span).mark
    return unsafe UnsafeMutableRawPointer(bitPattern: mark)
}

/// Adds a Content-Length of 0 before the headers of the request, so that the library uses it.
///
/// The library answers a number followed by blanks with HTML, although blanks are not part of the
/// value (RFC 9112, section 5). `Head` checks the real header. No body is ever read: a request with
/// one is refused and its connection closed. If the library lacks memory for the header, its own
/// check applies.
private nonisolated func overrideLength(_ connection: OpaquePointer?) {
    let kind = MHD_ValueKind.HEADER_KIND
    unsafe MHD_set_connection_value(connection, kind, cString(lengthName), cString(noLength))
}

/// Static, because the library keeps the pointers to both.
private let lengthName: StaticString = "Content-Length"
private let noLength: StaticString = "0"

private nonisolated func cString(_ text: StaticString) -> UnsafePointer<CChar> {
    unsafe UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
}

/// The head of a request is complete, later the request, or its connection was resumed
/// (MHD_AccessHandlerCallback).
nonisolated func answerRequest(
    context: UnsafeMutableRawPointer?,
    connection: OpaquePointer?,
    url: UnsafePointer<CChar>?,
    method: UnsafePointer<CChar>?,
    version: UnsafePointer<CChar>?,
    body: UnsafePointer<CChar>?,
    bodySize: UnsafeMutablePointer<Int>?,
    exchange: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> MHD_Result {
    guard let context = unsafe context, let connection = unsafe connection,
        let url = unsafe url, let method = unsafe method, let version = unsafe version,
        let mark = unsafe exchange?.pointee
    else { return .NO }
    let server = unsafe Unmanaged<ServerContext>.fromOpaque(context).takeUnretainedValue()
    let handle = unsafe ConnectionHandle(
        connection: connection,
        url: url,
        methodName: method,
        version: version
    )
    if let target = Target(mark: UInt(bitPattern: mark)) {
        let first = unsafe Exchange(
            on: mhd_socket_context(connection)
                .map {
                    unsafe Unmanaged<OpenConnection>.fromOpaque($0).takeUnretainedValue()
                },
            head: Extent(start: UInt(bitPattern: method), count: mhd_head_size(connection)),
            for: Destination(String(cString: url))
        )
        unsafe exchange?.pointee = Unmanaged.passRetained(first).toOpaque()
        return server.begin(first, for: target, on: handle) ? .YES : .NO
    }
    let known = unsafe Unmanaged<Exchange>.fromOpaque(mark).takeUnretainedValue()
    return server.proceed(known, on: handle) ? .YES : .NO
}

/// The request has ended, for any reason (MHD_OPTION_NOTIFY_COMPLETED).
nonisolated func completeRequest(
    context: UnsafeMutableRawPointer?,
    connection: OpaquePointer?,
    exchange: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
    code: UInt32
) {
    guard let context = unsafe context, let mark = unsafe exchange?.pointee,
        Target(mark: UInt(bitPattern: mark)) == nil
    else { return }
    unsafe exchange?.pointee = nil
    unsafe Unmanaged<Exchange>.fromOpaque(mark).takeRetainedValue().end()
    unsafe Unmanaged<ServerContext>.fromOpaque(context).takeUnretainedValue().end()
}

/// One header (MHD_KeyValueIteratorN).
nonisolated func visitField(
    check: UnsafeMutableRawPointer?,
    kind: MHD_ValueKind,
    name: UnsafePointer<CChar>?,
    nameSize: Int,
    value: UnsafePointer<CChar>?,
    valueSize: Int
) -> MHD_Result {
    guard let check = unsafe check?.assumingMemoryBound(to: HeadLayoutCheck.self),
        let name = unsafe name, let value = unsafe value
    else { return .NO }
    if unsafe value == cString(noLength) { return .YES }
    unsafe check.pointee.visit(
        name: bytes(name, nameSize).span,
        at: UInt(bitPattern: name),
        value: bytes(value, valueSize).span,
        at: UInt(bitPattern: value)
    )
    return .YES
}

/// A string of the library as bytes.
private nonisolated func bytes(
    _ text: UnsafePointer<CChar>,
    _ count: Int
) -> UnsafeBufferPointer<UInt8> {
    let start = unsafe UnsafeRawPointer(text).assumingMemoryBound(to: UInt8.self)
    return unsafe UnsafeBufferPointer(start: start, count: count)
}

/// The local address and port of a connection, as in a URL; nil if its socket is not an IP socket
/// (getsockname(2)).
nonisolated func localAddress(of socket: CInt) -> String? {
    var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
    let count = unsafe mhd_local_address(socket, &text, text.count)
    return count > 0
        ? String(decoding: text[..<Int(count)].map(UInt8.init(bitPattern:)), as: UTF8.self) : nil
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
        var request = Request(
            path: destination.path,
            accept: value(of: MHD_HTTP_HEADER_ACCEPT),
            host: destination.authority ?? value(of: MHD_HTTP_HEADER_HOST)
        )
        request.socket = unsafe mhd_socket(connection)
        return request
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

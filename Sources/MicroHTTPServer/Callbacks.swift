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
            for: Destination(String(cString: url), scheme: server.scheme)
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

/// The parameters that were visited so far.
struct Parameters {
    var all: [(name: String, value: String)] = []
}

/// One parameter of the target (MHD_KeyValueIteratorN); the library has replaced `+` with a space.
nonisolated func visitParameter(
    parameters: UnsafeMutableRawPointer?,
    kind: MHD_ValueKind,
    name: UnsafePointer<CChar>?,
    nameSize: Int,
    value: UnsafePointer<CChar>?,
    valueSize: Int
) -> MHD_Result {
    guard let parameters = unsafe parameters?.assumingMemoryBound(to: Parameters.self),
        let name = unsafe name
    else { return .NO }
    let text = unsafe value.map { unsafe bytes($0, valueSize).span.percentDecoded } ?? ""
    unsafe parameters.pointee.all.append((bytes(name, nameSize).span.percentDecoded, text))
    return .YES
}

/// One header; adds the value of an `Authorization` to the array of values
/// (MHD_KeyValueIteratorN).
nonisolated func visitCredential(
    values: UnsafeMutableRawPointer?,
    kind: MHD_ValueKind,
    name: UnsafePointer<CChar>?,
    nameSize: Int,
    value: UnsafePointer<CChar>?,
    valueSize: Int
) -> MHD_Result {
    guard let values = unsafe values?.assumingMemoryBound(to: [String].self),
        let name = unsafe name
    else { return .NO }
    guard unsafe strcasecmp(name, MHD_HTTP_HEADER_AUTHORIZATION) == 0 else { return .YES }
    let text = unsafe value.map { unsafe bytes($0, valueSize) }
    unsafe values.pointee.append(text.map { unsafe String(decoding: $0, as: UTF8.self) } ?? "")
    return .YES
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

/// Logs a line of the library.
nonisolated func writeLog(context: UnsafeMutableRawPointer?, line: UnsafePointer<CChar>?) {
    guard let context = unsafe context, let line = unsafe line else { return }
    let text = unsafe String(cString: line).prefix { $0 != "\n" }
    unsafe Unmanaged<ServerContext>.fromOpaque(context).takeUnretainedValue().log(String(text))
}

/// The library detected an internal error and cannot continue (MHD_set_panic_func(3)).
nonisolated func panic(
    context: UnsafeMutableRawPointer?,
    file: UnsafePointer<CChar>?,
    line: UInt32,
    reason: UnsafePointer<CChar>?
) {
    let text = unsafe reason.map { unsafe String(cString: $0) } ?? "no reason given"
    fatalError("libmicrohttpd cannot continue: \(text)")
}

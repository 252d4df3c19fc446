internal import CMicroHTTPD
internal import Glibc

// What libmicrohttpd calls. Each recovers its object and calls one method; all are free functions,
// because a closure could inherit an actor's isolation and trap on the library's threads. The
// context is the `ServerContext`, which `DaemonHandle` keeps alive until the daemon is stopped.

/// The request line is in (MHD_OPTION_URI_LOG_CALLBACK): takes down what is in the target.
///
/// The library keeps what is returned and hands it to every later call about this request. It is
/// no object yet, for the library forgets some requests without a word when their query is huge.
nonisolated func hearRequest(
    context: UnsafeMutableRawPointer?,
    target: UnsafePointer<CChar>?,
    connection: OpaquePointer?
) -> UnsafeMutableRawPointer? {
    guard let target = unsafe target else { return nil }
    unsafe takeOverLength(connection)
    let mark = unsafe Target(bytes(target, strlen(target)).span).mark
    return unsafe UnsafeMutableRawPointer(bitPattern: mark)
}

/// Puts a Content-Length of 0 in front of those that will come, so that the library reads this one.
///
/// It would refuse blanks behind the number, which are no part of it (RFC 9112, section 5), and
/// answer in HTML. No body is ever read here: `Head` judges the real one, and what has a body is
/// refused and its connection closed. Without memory for this the library's rule holds.
private nonisolated func takeOverLength(_ connection: OpaquePointer?) {
    let name = unsafe UnsafeRawPointer(lengthName.utf8Start).assumingMemoryBound(to: CChar.self)
    let kind = MHD_ValueKind.HEADER_KIND
    unsafe MHD_set_connection_value(connection, kind, name, noLength)
}

/// Both last as long as the process, as the library asks.
private let lengthName: StaticString = "Content-Length"
private let noLengthText: StaticString = "0"
private nonisolated var noLength: UnsafePointer<CChar> {
    unsafe UnsafeRawPointer(noLengthText.utf8Start).assumingMemoryBound(to: CChar.self)
}

/// The request can be answered, or could (MHD_AccessHandlerCallback).
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
    let site = unsafe Unmanaged<ServerContext>.fromOpaque(context).takeUnretainedValue()
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
        return site.begin(first, for: target, on: handle) ? .YES : .NO
    }
    let known = unsafe Unmanaged<Exchange>.fromOpaque(mark).takeUnretainedValue()
    return site.proceed(known, on: handle) ? .YES : .NO
}

/// The request is over, for whatever reason (MHD_OPTION_NOTIFY_COMPLETED): ends the exchange.
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
    if unsafe value == noLength { return .YES }
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

/// The address and port at which the client reached a connection, as in a URL; nil on a socket of
/// another kind (getsockname(2)).
nonisolated func localAddress(of socket: CInt) -> String? {
    var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
    let count = unsafe mhd_local_address(socket, &text, text.count)
    return count > 0
        ? String(decoding: text[..<Int(count)].map(UInt8.init(bitPattern:)), as: UTF8.self) : nil
}

/// A connection during a call of `answerRequest`, on the library's thread, and no longer.
@safe struct ConnectionHandle: ~Copyable {
    let connection: OpaquePointer
    let url: UnsafePointer<CChar>
    let methodName: UnsafePointer<CChar>
    let version: UnsafePointer<CChar>

    /// Nil for any method but GET and HEAD.
    var method: Method? {
        if unsafe strcmp(methodName, MHD_HTTP_METHOD_GET) == 0 { return .get }
        return unsafe strcmp(methodName, MHD_HTTP_METHOD_HEAD) == 0 ? .head : nil
    }

    var isHTTP10: Bool { unsafe strcmp(version, MHD_HTTP_VERSION_1_0) == 0 }

    /// The value of the first Accept header.
    var accept: String? { value(of: MHD_HTTP_HEADER_ACCEPT) }

    /// The value of the Host header, of which there is one at most.
    var host: String? { value(of: MHD_HTTP_HEADER_HOST) }

    /// The descriptor, the library's own.
    var socket: CInt { unsafe mhd_socket(connection) }

    /// The library leaves out the blanks before a value, and not those behind it.
    private func value(of header: String) -> String? {
        unsafe MHD_lookup_connection_value(connection, MHD_ValueKind.HEADER_KIND, header)
            .map { text in
                var value = unsafe String(cString: text)
                while value.utf8.last?.isBlank == true { value.removeLast() }
                return value
            }
    }

    /// The head, judged where its bytes are (see `HeadLayoutCheck`).
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

    /// False if an answer is queued already (MHD_queue_response(3)).
    func queue(status: Int, _ response: borrowing ResponseHandle) -> Bool {
        unsafe MHD_queue_response(connection, UInt32(status), response.response) == .YES
    }

    /// Suspends the connection (MHD_suspend_connection(3)): it must be resumed, and is then asked
    /// about again.
    func suspend() -> Resumption {
        unsafe MHD_suspend_connection(connection)
        return unsafe Resumption(connection)
    }
}

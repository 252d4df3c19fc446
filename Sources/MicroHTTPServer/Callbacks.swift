internal import CMicroHTTPD
internal import Glibc

// What libmicrohttpd calls. Each recovers its object and calls one method; all are free functions,
// because a closure could inherit an actor's isolation and trap on the library's threads. The
// context is the `Site`, which `DaemonHandle` keeps alive until the daemon is stopped.

/// The request line is in (MHD_OPTION_URI_LOG_CALLBACK): starts the exchange.
///
/// The library keeps what is returned and hands it to every later call about this request.
nonisolated func hearRequest(
    context: UnsafeMutableRawPointer?,
    target: UnsafePointer<CChar>?,
    connection: OpaquePointer?
) -> UnsafeMutableRawPointer? {
    let bytes = unsafe UnsafeBufferPointer(
        start: target.map { unsafe UnsafeRawPointer($0).assumingMemoryBound(to: UInt8.self) },
        count: target.map { unsafe strlen($0) } ?? 0
    )
    return unsafe Unmanaged.passRetained(Exchange(Target(bytes.span))).toOpaque()
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
        let exchange = unsafe exchange?.pointee
    else { return .NO }
    let site = unsafe Unmanaged<Site>.fromOpaque(context).takeUnretainedValue()
    let handle = unsafe ConnectionHandle(connection, url: url, method: method, version: version)
    return unsafe site.advance(
        Unmanaged<Exchange>.fromOpaque(exchange).takeUnretainedValue(),
        on: handle
    ) ? .YES : .NO
}

/// The request is over, for whatever reason (MHD_OPTION_NOTIFY_COMPLETED): ends the exchange.
nonisolated func completeRequest(
    context: UnsafeMutableRawPointer?,
    connection: OpaquePointer?,
    exchange: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
    code: UInt32
) {
    guard let context = unsafe context, let opaque = unsafe exchange?.pointee else { return }
    unsafe exchange?.pointee = nil
    let site = unsafe Unmanaged<Site>.fromOpaque(context).takeUnretainedValue()
    unsafe site.end(Unmanaged<Exchange>.fromOpaque(opaque).takeRetainedValue())
}

/// One header (MHD_KeyValueIteratorN).
nonisolated func visitField(
    walk: UnsafeMutableRawPointer?,
    kind: MHD_ValueKind,
    name: UnsafePointer<CChar>?,
    nameSize: Int,
    value: UnsafePointer<CChar>?,
    valueSize: Int
) -> MHD_Result {
    guard let walk = unsafe walk?.assumingMemoryBound(to: HeadWalk.self),
        let name = unsafe name, let value = unsafe value
    else { return .NO }
    let nameBytes = unsafe UnsafeBufferPointer(
        start: UnsafeRawPointer(name).assumingMemoryBound(to: UInt8.self),
        count: nameSize
    )
    let valueBytes = unsafe UnsafeBufferPointer(
        start: UnsafeRawPointer(value).assumingMemoryBound(to: UInt8.self),
        count: valueSize
    )
    unsafe walk.pointee.visit(
        name: nameBytes.span,
        at: UInt(bitPattern: name),
        value: valueBytes.span,
        at: UInt(bitPattern: value)
    )
    return .YES
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

/// A connection during a call of `answerRequest`, on the library's thread, and no longer.
@safe struct ConnectionHandle: ~Copyable {
    private let connection: OpaquePointer
    private let url: UnsafePointer<CChar>
    private let methodName: UnsafePointer<CChar>
    private let version: UnsafePointer<CChar>

    init(
        _ connection: OpaquePointer,
        url: UnsafePointer<CChar>,
        method: UnsafePointer<CChar>,
        version: UnsafePointer<CChar>
    ) {
        unsafe (self.connection, self.url) = (connection, url)
        unsafe (methodName, self.version) = (method, version)
    }

    /// Nil for any method but GET and HEAD.
    var method: Method? {
        if unsafe strcmp(methodName, MHD_HTTP_METHOD_GET) == 0 { return .get }
        return unsafe strcmp(methodName, MHD_HTTP_METHOD_HEAD) == 0 ? .head : nil
    }

    /// As it was sent, without the query.
    var path: String {
        unsafe String(cString: url)
    }

    var isHTTP10: Bool {
        unsafe strcmp(version, MHD_HTTP_VERSION_1_0) == 0
    }

    /// The value of the first Accept header.
    var accept: String? {
        unsafe MHD_lookup_connection_value(
            connection,
            MHD_ValueKind.HEADER_KIND,
            MHD_HTTP_HEADER_ACCEPT
        )
        .map { unsafe String(cString: $0) }
    }

    /// The head, judged where its bytes are (see `HeadWalk`).
    func head(_ target: Target) -> Head {
        var walk = unsafe HeadWalk(
            Head(target),
            method: Extent(start: UInt(bitPattern: methodName), count: strlen(methodName)),
            target: Extent(start: UInt(bitPattern: url), count: target.length),
            version: Extent(start: UInt(bitPattern: version), count: strlen(version))
        )
        unsafe MHD_get_connection_values_n(connection, MHD_ValueKind.HEADER_KIND, visitField, &walk)
        return unsafe walk.finish(headSize: mhd_head_size(connection))
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

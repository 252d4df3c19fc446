internal import CMicroHTTPD
internal import Trust

// The callbacks about connections and their handshakes; see Callbacks.swift.

/// The library has started a connection, or is about to close it (MHD_OPTION_NOTIFY_CONNECTION).
///
/// In between it stores our object for the connection, which each request reads there.
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
        let descriptor = unsafe mhd_socket(connection)
        guard let open = connections.withTable({ $0.serve(descriptor) }) else {
            // The session must not keep what the library attached to it.
            if let session = unsafe mhd_session(connection) {
                unsafe TLSSession(session).attach(nil)
            }
            return
        }
        let object = unsafe Unmanaged.passRetained(open).toOpaque()
        unsafe kept.pointee = object
        if let session = unsafe mhd_session(connection) {
            unsafe TLSSession(session).attach(object)
        }
    } else if let open = unsafe kept.pointee {
        unsafe kept.pointee = nil
        let ended = unsafe Unmanaged<OpenConnection>.fromOpaque(open).takeRetainedValue()
        connections.withTable { $0.remove(ended.descriptor) }
    }
}

/// A handshake needs our certificate (MHD_OPTION_HTTPS_CERT_CALLBACK); -1 ends it.
///
/// There is no context, so `noteConnection` attached our object for the connection to the session.
nonisolated func presentCertificate(
    session: UnsafeMutableRawPointer?,
    authorities: UnsafeRawPointer?,
    authorityCount: CInt,
    algorithms: UnsafeRawPointer?,
    algorithmCount: CInt,
    chain: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
    chainLength: UnsafeMutablePointer<UInt32>?,
    key: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> CInt {
    guard let pointer = unsafe session, let chain = unsafe chain,
        let chainLength = unsafe chainLength, let key = unsafe key
    else { return -1 }
    let session = unsafe TLSSession(pointer)
    guard let object = unsafe session.attached else { return -1 }
    let connection = unsafe Unmanaged<OpenConnection>.fromOpaque(object).takeUnretainedValue()
    guard let certificate = connection.beginHandshake(session) else { return -1 }
    unsafe certificate.present(chain, chainLength, key)
    return 0
}

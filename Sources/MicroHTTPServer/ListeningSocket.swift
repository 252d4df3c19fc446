internal import CMicroHTTPD
internal import Glibc

/// A listening socket; closing it resets connections that are not accepted yet.
struct ListeningSocket: ~Copyable {
    let descriptor: CInt

    init(_ configuration: Configuration) throws(ServerError) {
        let port = String(configuration.port)
        descriptor = unsafe mhd_listen(configuration.host, port, CInt(configuration.backlog))
        if descriptor == -EADDRINUSE { throw .addressInUse(configuration.address) }
        if descriptor < 0 {
            let reason = unsafe String(cString: strerror(-descriptor))
            throw .cannotListen("cannot listen on \(configuration.address): \(reason)")
        }
    }

    var port: UInt16 { mhd_bound_port(descriptor) }

    /// The next connection; its descriptor is -errno if there is none.
    func accept() -> mhd_arrival { mhd_accept(descriptor) }

    deinit { if descriptor >= 0 { close(descriptor) } }
}

internal import CMicroHTTPD
internal import Glibc

/// A socket that listens, closed when it goes: connections that nobody accepted are then reset.
struct ListeningSocket: ~Copyable {
    let descriptor: CInt

    init(_ configuration: Configuration) throws(ServerError) {
        descriptor = unsafe mhd_listen(
            configuration.host,
            String(configuration.port),
            CInt(configuration.backlog)
        )
        if descriptor == -EADDRINUSE { throw .addressInUse(configuration.address) }
        if descriptor < 0 {
            let reason = unsafe String(cString: strerror(-descriptor))
            throw .cannotListen("cannot listen on \(configuration.address): \(reason)")
        }
    }

    /// The port it is bound to.
    var port: UInt16 { mhd_bound_port(descriptor) }

    /// The next connection; its descriptor is minus an errno if there is none.
    func accept() -> mhd_arrival { mhd_accept(descriptor) }

    deinit { if descriptor >= 0 { close(descriptor) } }
}

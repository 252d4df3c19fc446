internal import CMicroHTTPD
internal import Glibc

/// A socket that listens, closed when it goes.
struct ListeningSocket: ~Copyable {
    private let descriptor: CInt

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

    /// Hands the descriptor over to who will close it.
    consuming func take() -> CInt {
        let descriptor = descriptor
        discard self
        return descriptor
    }

    deinit { if descriptor >= 0 { close(descriptor) } }
}

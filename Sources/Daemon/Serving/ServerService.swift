import MicroHTTPServer
import ServiceLifecycle

/// Serves until the group shuts down, then until what is under way is answered.
struct ServerService: Service {
    let server: MicroHTTPServer

    func run() async throws {
        await cancelWhenGracefulShutdown { await server.run() }
    }
}

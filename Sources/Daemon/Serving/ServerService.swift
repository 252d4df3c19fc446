import MicroHTTPServer
import ServiceLifecycle

/// Serves until the group shuts down and every request under way has its response.
struct ServerService: Service {
    let server: MicroHTTPServer

    func run() async throws {
        await cancelWhenGracefulShutdown { await server.run() }
    }
}

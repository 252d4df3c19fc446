import Foundation
import MicroHTTPServer
import Synchronization
import Testing

/// Pages rendered by the thread that serves the connection.
@Suite(.timeLimit(.minutes(2)))
struct SmallPageTests {
    private static let get = "GET /computed HTTP/1.1\r\nHost: a\r\n\r\n"

    /// How many of twenty pages were rendered on a thread other than the one that serves.
    private func strays(isSmall: Bool) async throws -> Int {
        let strays = Mutex(0)
        let routes = Routes { _ in
            let thread = kernelThread()
            return rendered(isSmall: isSmall) {
                if kernelThread() != thread { strays.withLock { $0 += 1 } }
                return text("computed")
            }
        }
        try await withServer(routes) { server in
            let client = try Client(port: server.port)
            for _ in 0..<20 {
                try await client.send(Self.get)
                #expect(try await client.reply().body == "computed")
            }
        }
        return strays.withLock(\.self)
    }

    @Test
    func `a small page is rendered on the serving thread, a large one on another`() async throws {
        #expect(try await strays(isSmall: true) == 0)
        #expect(try await strays(isSmall: false) == 20)
    }

    @Test
    func `small pages are served while 64 large ones wait`() async throws {
        let gate = Gate()
        let routes = Routes { request in
            rendered(isSmall: request.path == "/small") {
                if request.path != "/small" { gate.pass() }
                return text("computed")
            }
        }
        try await withServer(routes) { server in
            defer { gate.open() }
            let clients = try (0..<64).map { _ in try Client(port: server.port) }
            for client in clients { try await client.send(Self.get) }
            #expect(try await eventually { gate.arrivals == 1 })
            let other = try Client(port: server.port)
            for _ in 0..<10 {
                try await other.send("GET /small HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try await other.reply().body == "computed")
            }
        }
    }
}

/// The kernel's name for this thread.
private func kernelThread() -> String? {
    try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/thread-self")
}

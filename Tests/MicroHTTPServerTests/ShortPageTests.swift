import Foundation
import MicroHTTPServer
import Synchronization
import Testing

/// Pages that are computed on the thread of the server.
@Suite(.timeLimit(.minutes(2)))
struct ShortPageTests {
    private static let get = "GET /computed HTTP/1.1\r\nHost: a\r\n\r\n"

    /// `/ready` is in memory, everything else is short and waits at the gate.
    private func routes(_ gate: Gate) -> Routes {
        let ready = Page(text("ready"))
        return Routes { request in
            if request.path == "/ready" { return .page(ready) }
            return .computed(isShort: true) {
                await gate.pass()
                return text("computed")
            }
        }
    }

    @Test
    func `a short page stays on the thread that asks, actors on its way included`() async throws {
        let gate = Gate()
        await gate.open()
        let strays = Mutex(0)
        let routes = Routes { _ in
            let thread = kernelThread()
            return .computed(isShort: true) {
                let isHere = kernelThread() == thread
                await gate.pass()
                if !isHere || kernelThread() != thread { strays.withLock { $0 += 1 } }
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
        #expect(strays.withLock(\.self) == 0)
        #expect(await gate.arrivals == 20)
    }

    @Test
    func `a short page that has to wait keeps no thread and comes when it can`() async throws {
        let gate = Gate()
        try await withServer(routes(gate)) { server in
            // More than there are threads.
            let clients = try (0..<10).map { _ in try Client(port: server.port) }
            for client in clients { try await client.send(Self.get) }
            #expect(try await eventually { await gate.arrivals == 10 })
            let other = try Client(port: server.port)
            try await other.send("GET /ready HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await other.reply().body == "ready")
            await gate.open()
            for client in clients {
                #expect(try await client.reply().body == "computed")
                try await client.send(Self.get)
                #expect(try await client.reply().body == "computed")
            }
        }
    }

    @Test
    func `short pages that wait count among the 64`() async throws {
        let gate = Gate()
        try await withServer(routes(gate)) { server in
            let clients = try (0..<64).map { _ in try Client(port: server.port) }
            for client in clients { try await client.send(Self.get) }
            #expect(try await eventually { await gate.arrivals == 64 })
            let refused = try Client(port: server.port)
            try await refused.send(Self.get)
            let refusal = try await refused.reply()
            #expect(refusal.status == 503)
            #expect(refusal.body.hasPrefix(#"{"error":"busy","message":"#))
            await gate.open()
            for client in clients { #expect(try await client.reply().status == 200) }
            try await refused.send(Self.get)
            #expect(try await refused.reply().status == 200)
        }
    }

    @Test
    func `a short page that waits too long gets 503 and its connection stays`() async throws {
        let gate = Gate()
        try await withServer(
            routes(gate),
            configuration: .loopback().with(\.pageDeadline, .milliseconds(100))
        ) { server in
            let client = try Client(port: server.port)
            try await client.send(Self.get)
            let reply = try await client.reply()
            #expect(reply.status == 503)
            #expect(reply.body.hasPrefix(#"{"error":"late","message":"#))
            await gate.open()
            #expect(
                try await eventually {
                    try? await client.send(Self.get)
                    return (try? await client.reply().body) == "computed"
                }
            )
        }
    }
}

/// The kernel's name for this thread; pthread_self(3) is taken for a constant by the compiler, and
/// kept over a suspension.
private func kernelThread() -> String? {
    try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/thread-self")
}

import TestSupport
import Testing

/// A server on many hosts that closes idle connections.
struct ClosingServer {
    private let process: ChildProcess
    let port: Int

    private static let program = """
        import asyncio, socket, sys
        count, idle = int(sys.argv[1]), float(sys.argv[2])
        answer = b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nok"
        class Connection(asyncio.Protocol):
            def connection_made(self, transport):
                self.transport, self.timer, self.head = transport, None, b""
            def data_received(self, data):
                self.head += data
                if self.head.endswith(b"\\r\\n\\r\\n"):
                    self.head = b""
                    if self.timer: self.timer.cancel()
                    self.transport.write(answer)
                    self.timer = loop.call_later(idle, self.transport.close)
            def connection_lost(self, error):
                if self.timer: self.timer.cancel()
        async def main():
            port = 0
            for n in range(count):
                listener = socket.socket()
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                listener.bind((f"127.2.{n // 250}.{n % 250 + 1}", port))
                port = listener.getsockname()[1]
                await loop.create_server(Connection, sock=listener)
            print("port", port, file=sys.stderr, flush=True)
            await asyncio.Event().wait()
        loop = asyncio.new_event_loop()
        loop.run_until_complete(main())
        """

    /// Starts it on hosts of 127.2/16; it ends with its process object.
    ///
    /// - Parameters:
    ///   - hosts: The number of hosts.
    ///   - idle: The seconds after which an idle connection is closed.
    /// - Throws: If it does not start.
    init(hosts: Int, idle: Double) async throws {
        process = try ChildProcess(
            tool(named: "python3", package: "python3"),
            ["-c", Self.program, "\(hosts)", "\(idle)"]
        )
        let line = try await process.logLine(containing: "port ")
        guard let port = line.split(separator: " ").last.flatMap({ Int($0) }) else {
            throw TestError("No port in '\(line)'.")
        }
        self.port = port
    }

    /// The base URL of one host.
    func url(_ number: Int) -> String {
        "http://127.2.\(number / 250).\(number % 250 + 1):\(port)"
    }
}

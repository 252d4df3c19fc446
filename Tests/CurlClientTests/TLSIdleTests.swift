import ClientTLS
import CurlClient
import TestSupport
import Testing
import Timing

/// Data that arrives on an idle TLS connection: session tickets, or unsolicited bytes.
@Suite struct TLSIdleTests {
    /// Fetches in sequence, with pauses in which the server may send something.
    private func fetch(_ count: Int, behaving: String) async throws -> [FetchResult] {
        let authority = try await TestAuthority()
        let server = try await PostHandshakeServer(
            authority.sign("good", names: "IP:127.0.0.1"),
            behaving: behaving
        )
        let client = try CurlClient(
            limits: .small(tls: TLSOptions(trusting: authority.certificate))
        )
        var all: [FetchResult] = []
        for _ in 0..<count {
            all.append(try await client.fetch(FetchRequest(key: 0, at: server.url)))
            _ = await client.collect(until: soon(.milliseconds(60)))
        }
        return all
    }

    @Test func `an idle connection that receives session tickets is reused`() async throws {
        let all = try await fetch(8, behaving: "ticket")
        #expect(all.allSatisfy { $0.words == "document 200, 2 bytes" })
        #expect(all[0].times.tls > 0)
        #expect(all[1...].allSatisfy { $0.times.tls == 0 })
    }

    @Test(arguments: ["response", "close", "close-quietly"])
    func `bytes that arrive on an idle TLS connection are no response`(
        behaving: String
    ) async throws {
        let all = try await fetch(8, behaving: behaving)
        #expect(all.allSatisfy { $0.words == "document 200, 2 bytes" })
        #expect(all.allSatisfy { $0.times.tls > 0 })
    }
}

/// A TLS 1.3 server that does something 20 ms after each response; OpenSSL, driven from Python.
private struct PostHandshakeServer {
    private let process: ChildProcess
    let url: String

    private static let program = """
        import ctypes, socket, sys, threading, time
        from ctypes import c_void_p, c_int, c_char_p, c_size_t
        lib = ctypes.CDLL("libssl.so.3")
        for name in ("TLS_server_method", "SSL_CTX_new", "SSL_new"):
            getattr(lib, name).restype = c_void_p
        call = lambda name, *args: getattr(lib, name)(
            *[c_void_p(a) if isinstance(a, int) and a > 0xffffffff else a for a in args])
        context = call("SSL_CTX_new", lib.TLS_server_method())
        call("SSL_CTX_use_certificate_file", context, c_char_p(sys.argv[1].encode()), c_int(1))
        call("SSL_CTX_use_PrivateKey_file", context, c_char_p(sys.argv[2].encode()), c_int(1))
        def reply(text):
            return b"HTTP/1.1 200 OK\\r\\nContent-Length: %d\\r\\n\\r\\n%s" % (len(text), text)
        def serve(raw):
            ssl = call("SSL_new", context)
            call("SSL_set_fd", ssl, c_int(raw.fileno()))
            call("SSL_accept", ssl)
            buffer = ctypes.create_string_buffer(4096)
            while call("SSL_read", ssl, buffer, c_int(4096)) > 0:
                call("SSL_write", ssl, reply(b"ok"), c_int(len(reply(b"ok"))))
                time.sleep(0.02)
                if sys.argv[3] == "ticket":
                    call("SSL_new_session_ticket", ssl)
                    call("SSL_do_handshake", ssl)
                elif sys.argv[3] == "response":
                    call("SSL_write", ssl, reply(b"stray"), c_int(len(reply(b"stray"))))
                else:
                    if sys.argv[3] == "close":
                        call("SSL_shutdown", ssl)
                    break
            raw.close()
        listener = socket.create_server(("127.0.0.1", 0))
        print("port", listener.getsockname()[1], file=sys.stderr, flush=True)
        while True:
            threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
        """

    init(
        _ identity: TestAuthority.Pair,
        behaving: String
    ) async throws {
        process = try ChildProcess(
            tool(named: "python3", package: "python3"),
            ["-c", Self.program, identity.certificate, identity.key, behaving]
        )
        let line = try await process.logLine(containing: "port ")
        url = "https://127.0.0.1:\(line.split(separator: " ").last ?? "")"
    }
}

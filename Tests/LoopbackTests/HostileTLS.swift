import Foundation
import TestSupport

/// TLS in front of plain peers, and peers that are hostile within TLS itself.
///
/// One process in Python: OpenSSL's own functions do what its module `ssl` cannot.
struct HostileTLS {
    /// What a peer does on each connection.
    enum Kind: String, Encodable {
        /// Passes bytes and ends of a plain peer to the client, and back.
        case relay
        /// Sends session tickets without end.
        case tickets
        /// Sends key updates without end.
        case keyUpdates
        /// Asks for another handshake again and again.
        case renegotiates
        /// Ends the connection with a fatal alert after the request.
        case alert
        /// Sends a record that nobody can decrypt.
        case badRecord
        /// Closes within a record.
        case cutRecord
        /// Sends a response without a length, and closes without the alert that ends the stream.
        case noNotify
    }

    /// A peer: its certificate, and the plain peer behind it if it is a relay.
    struct Listener: Encodable {
        var kind: Kind
        var certificate: String
        var key: String
        var target = 0

        init(
            _ kind: Kind,
            _ pair: TestAuthority.Pair,
            to target: ScriptedPeer? = nil
        ) {
            self.kind = kind
            (certificate, key) = (pair.certificate, pair.key)
            self.target = target?.port ?? 0
        }
    }

    private static let program = """
        import ctypes, json, select, socket, ssl, struct, sys, threading

        library = ctypes.CDLL("libssl.so.3")
        for name in "TLS_server_method", "SSL_CTX_new", "SSL_new":
            getattr(library, name).restype = ctypes.c_void_p

        class Listener:
            def __init__(self, description):
                self.kind, self.target = description["kind"], description["target"]
                certificate, key = description["certificate"], description["key"]
                self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                self.context.load_cert_chain(certificate, key)
                if self.kind == "tickets": self.context.num_tickets = 1 << 31
                if self.kind in ("keyUpdates", "renegotiates"):
                    self.native = ctypes.c_void_p(
                        library.SSL_CTX_new(ctypes.c_void_p(library.TLS_server_method())))
                    library.SSL_CTX_use_certificate_chain_file(self.native, certificate.encode())
                    library.SSL_CTX_use_PrivateKey_file(self.native, key.encode(), 1)
                    # SSL_CTRL_CLEAR_MODE, SSL_MODE_AUTO_RETRY: a read ends after a handshake.
                    library.SSL_CTX_ctrl(self.native, 78, ctypes.c_long(4), None)
                    # SSL_CTRL_SET_MAX_PROTO_VERSION: 1.2, the last one with renegotiation.
                    if self.kind == "renegotiates":
                        library.SSL_CTX_ctrl(self.native, 124, ctypes.c_long(0x303), None)
                self.socket = socket.create_server(("127.0.0.1", 0), backlog=128)

            def run(self):
                while True:
                    raw, _ = self.socket.accept()
                    threading.Thread(target=self.serve, args=[raw], daemon=True).start()

            def serve(self, raw):
                raw.settimeout(60)
                try: getattr(self, self.kind)(raw)
                except (OSError, EOFError): pass
                raw.close()

            def tickets(self, raw): self.context.wrap_socket(raw, server_side=True)

            def relay(self, raw):
                with self.context.wrap_socket(raw, server_side=True) as client, \\
                        socket.create_connection(("127.0.0.1", self.target), 60) as server:
                    while True:
                        ready = [client]
                        if not client.pending(): ready = select.select([client, server], [], [])[0]
                        if client in ready:
                            part = client.recv(65536)
                            if not part: return
                            server.sendall(part)
                        if server in ready:
                            try: part = server.recv(65536)
                            except ConnectionResetError:
                                # Closing resets the connection too.
                                linger = struct.pack("ii", 1, 0)
                                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                                return
                            if not part: return client.unwrap()
                            client.sendall(part)

            def begin(self, raw):
                "A session after its handshake and the request, with what it reads and writes."
                incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
                session = self.context.wrap_bio(incoming, outgoing, server_side=True)
                for step in session.do_handshake, lambda: session.read(65536):
                    while True:
                        try:
                            step()
                            break
                        except ssl.SSLWantReadError:
                            raw.sendall(outgoing.read())
                            part = raw.recv(65536)
                            if not part: raise EOFError
                            incoming.write(part)
                raw.sendall(outgoing.read())
                return session, incoming, outgoing

            def alert(self, raw):
                session, incoming, outgoing = self.begin(raw)
                incoming.write(bytes([23, 3, 3, 0, 32]) + bytes(32))
                try: session.read()
                except ssl.SSLError: raw.sendall(outgoing.read())
                raw.recv(65536)

            def badRecord(self, raw):
                self.begin(raw)
                raw.sendall(bytes([23, 3, 3, 0, 32]) + bytes(32))
                raw.recv(65536)

            def cutRecord(self, raw):
                session, _, outgoing = self.begin(raw)
                session.write(b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\n{}")
                raw.sendall(outgoing.read()[:-3])

            def noNotify(self, raw):
                session, _, outgoing = self.begin(raw)
                session.write(b"HTTP/1.1 200 OK\\r\\n\\r\\n{")
                raw.sendall(outgoing.read())

            def natively(self, raw, step):
                raw.setblocking(True)
                session = ctypes.c_void_p(library.SSL_new(self.native))
                library.SSL_set_fd(session, raw.fileno())
                room = ctypes.create_string_buffer(4096)
                if library.SSL_accept(session) == 1:
                    while library.SSL_read(session, room, 4096) <= 0 < 1: pass
                    while step(session) == 1: pass
                library.SSL_free(session)

            def keyUpdates(self, raw):
                def step(session):
                    library.SSL_key_update(session, 0)
                    return library.SSL_do_handshake(session)
                self.natively(raw, step)

            def renegotiates(self, raw):
                room = ctypes.create_string_buffer(4096)
                def step(session):
                    library.SSL_renegotiate(session)
                    if library.SSL_do_handshake(session) != 1: return 0
                    count = library.SSL_read(session, room, 4096)
                    # 2 is SSL_ERROR_WANT_READ: the handshake is done.
                    return library.SSL_get_error(session, count) == 2
                self.natively(raw, step)

        listeners = [Listener(each) for each in json.load(sys.stdin)]
        for listener in listeners: threading.Thread(target=listener.run).start()
        ports = [str(each.socket.getsockname()[1]) for each in listeners]
        print("ports", *ports, file=sys.stderr, flush=True)
        """

    private let process: ChildProcess
    /// The ports of the listeners, in their order.
    let ports: [Int]

    /// Starts them; they end with the process object.
    init(_ listeners: [Listener]) async throws {
        process = try ChildProcess(
            tool(named: "python3", package: "python3"),
            ["-c", Self.program],
            input: Array(JSONEncoder().encode(listeners))
        )
        ports = try await process.logLine(containing: "ports ").split(separator: " ").dropFirst()
            .compactMap { Int($0) }
        guard ports.count == listeners.count else { throw TestError(process.log) }
    }
}

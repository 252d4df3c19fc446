import Foundation
import TestSupport
import Testing

/// Clients that keep connections without completing a request, in a separate process.
///
/// Some send nothing or a part of a request, over TLS also the whole of their first message, and
/// close after some seconds; the others send a byte of it now and then. A connection that ends is
/// replaced, at most 4,000 a second: the test measures the node, not how the cores are shared.
enum Flood {
    /// Runs until it is killed; its arguments are port, connections of both kinds, seconds, and
    /// whether they are handshakes.
    private static let script = """
        import collections, heapq, resource, select, socket, ssl, sys, time
        port, halves, drips, secure = map(int, sys.argv[1:4] + sys.argv[5:])
        life = float(sys.argv[4])
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        queue, clients, timers, made = select.epoll(), {}, [], 0
        ended = collections.deque()
        PART = b"GET /ready HTTP/1.1\\r\\nX: "
        PARTS, SLOW = [b"", PART, PART, PART], PART + b"a" * 100_000
        if secure:
            outgoing = ssl.MemoryBIO()
            session = ssl.create_default_context().wrap_bio(
                ssl.MemoryBIO(), outgoing, server_hostname="localhost")
            try: session.do_handshake()
            except ssl.SSLWantReadError: SLOW = outgoing.read()
            PART = SLOW[:9]
            PARTS = [b"", PART, SLOW, SLOW]

        def later(seconds, client):
            heapq.heappush(timers, (time.monotonic() + seconds, client[2], client))

        def begin(kind):
            global made
            made += 1
            socket_ = socket.socket()
            socket_.setblocking(False)
            # From eight addresses, so that ports do not run out.
            socket_.setsockopt(socket.IPPROTO_IP, 24, 1)
            socket_.bind((f"127.0.{1 + made % 8}.1", 0))
            socket_.connect_ex(("127.0.0.1", port))
            client = [socket_, kind, made, 0]
            clients[socket_.fileno()] = client
            queue.register(socket_.fileno(), select.EPOLLOUT | select.EPOLLRDHUP)

        def again(client):
            if client[0] is None: return
            del clients[client[0].fileno()]
            client[0].close()
            client[0] = None
            ended.append(client[1])

        def due(client):
            if client[0] is None: return
            if client[1] != "drip": return again(client)
            try: client[0].send(SLOW[client[3]:client[3] + 1])
            except OSError: return again(client)
            client[3] += 1
            later(life, client)

        for _ in range(drips): begin("drip")
        for _ in range(halves): begin("half")
        since = time.monotonic()
        while True:
            now = time.monotonic()
            for _ in range(min(len(ended), int((now - since) * 4_000))): begin(ended.popleft())
            since = now
            while timers and timers[0][0] <= time.monotonic(): due(heapq.heappop(timers)[2])
            for descriptor, events in queue.poll(0.01, 512):
                client = clients.get(descriptor)
                if client is None: continue
                if events & ~select.EPOLLOUT: again(client)
                elif not client[3]:
                    client[3] = len(PART)
                    queue.modify(descriptor, select.EPOLLRDHUP)
                    try:
                        client[0].send(PART if client[1] == "drip" else PARTS[client[2] % 4])
                    except OSError: again(client)
                    else: later(life, client)
        """

    /// Starts a flood of a port: `halves` connections of the first kind, `drips` of the other.
    static func start(
        on port: Int,
        halves: Int,
        drips: Int,
        life: Duration,
        isSecure: Bool = false
    ) throws -> ChildProcess {
        try ChildProcess(
            try tool(named: "python3", package: "python3"),
            [
                "-c", script, "\(port)", "\(halves)", "\(drips)", "\(life / .seconds(1))",
                isSecure ? "1" : "0",
            ]
        )
    }
}

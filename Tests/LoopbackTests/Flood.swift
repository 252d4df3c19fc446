import Foundation
import TestSupport
import Testing

/// Clients that keep connections without completing a request, in a separate process.
///
/// Half of them send nothing or a part of a request and close after some seconds; the others send
/// a byte of a header now and then. A connection that ends is replaced, at most 4,000 a second: the
/// test measures the node, not how the cores are shared.
enum Flood {
    /// Runs until it is killed; its arguments are port, connections of each kind, seconds.
    private static let script = """
        import collections, heapq, resource, select, socket, sys, time
        port, count, life = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        queue, clients, timers, made = select.epoll(), {}, [], 0
        ended = collections.deque()
        PART = b"GET /ready HTTP/1.1\\r\\nX: "

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
            client = [socket_, kind, made, False]
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
            try: client[0].send(b"a")
            except OSError: return again(client)
            later(life, client)

        for _ in range(count):
            begin("drip")
            begin("half")
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
                    client[3] = True
                    queue.modify(descriptor, select.EPOLLRDHUP)
                    try:
                        if client[1] == "drip" or client[2] % 4: client[0].send(PART)
                    except OSError: again(client)
                    else: later(life, client)
        """

    /// Starts a flood of a port.
    static func start(
        on port: Int,
        connectionsOfEachKind count: Int,
        life: Duration
    ) throws -> ChildProcess {
        try ChildProcess(
            try tool(named: "python3", package: "python3"),
            ["-c", script, "\(port)", "\(count)", "\(life / .seconds(1))"]
        )
    }
}

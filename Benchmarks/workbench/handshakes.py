"""The time of /ready over TLS while clients keep thousands of handshakes half-open.

As a program it is these clients: `handshakes.py PORT HALF SLOW`.
"""

import math
import select
import socket
import ssl
import subprocess
import sys
import time
from contextlib import contextmanager

HALF, SLOW = 2_000, 500
OPEN = "nova_federation_http_connections"
NAME = "nova-federation"
# Requests of a client in a second.
RATE = 50
# Handshakes begun in a second until all are open: the node closes most of them after 10 s.
PACE = 250


def ready_while_handshakes_are_open(results, farm, interval, seconds):
    """The p99 of /ready on new and on kept connections, and late pulls, with the handshakes."""
    from workbench.node import Node, late_pulls

    settings = {"NOVA_FED_CA_FILE": str(farm.authorities), "NOVA_FED_MAX_CONNECTIONS": "4096"}
    with Node(farm.urls, interval, is_secure=True, **settings) as node:
        node.wait_for_first_pass(seconds=60 + farm.peers / 100)
        time.sleep(1.5 * interval)
        marks = [node.scrape()]
        quiet = p99(node, seconds, is_kept=False)
        marks.append(node.scrape())
        with half_open(node):
            marks.append(node.scrape())
            fresh = p99(node, seconds, is_kept=False)
            marks.append(node.scrape())
            kept = p99(node, seconds, is_kept=True)
    what = f"p99 of /ready over TLS, {HALF:,} half-open and {SLOW} slow handshakes"
    results.add_note("p99 of /ready over TLS, new connections, nothing else, ms", NAME, [quiet], 1)
    results.add_limit("ready-handshakes", f"{what}, new connections", "ms", 1, [fresh])
    results.add_note("the same, a kept connection, ms", NAME, [kept], 1)
    late = [
        late_pulls(*pair) + pair[1].missed - pair[0].missed for pair in zip(marks, marks[1:])
    ]  # fmt: skip
    results.add_note("pulls over 50 ms late or missed, before", NAME, [late[0]], 0)
    results.add_note("the same, meanwhile", NAME, [late[2]], 0)


def p99(node, seconds, is_kept):
    """The p99 of the time of /ready in milliseconds, with its connection unless that is kept."""
    connection = node.connect()
    times = []
    started = time.monotonic()
    for count in range(RATE * seconds):
        time.sleep(max(0, started + count / RATE - time.monotonic()))
        # Reading the certificate is not part of the request.
        connection = connection if is_kept else node.connect()
        before = time.monotonic()
        connection.request("GET", "/ready")
        connection.getresponse().read()
        times.append(time.monotonic() - before)
        if not is_kept:
            connection.close()
    connection.close()
    return sorted(times)[math.ceil(0.99 * len(times)) - 1] * 1e3


@contextmanager
def half_open(node):
    """The clients, in a process of their own, once the node has nearly all of them."""
    clients = subprocess.Popen(
        [sys.executable, "-B", __file__, str(node.port), str(HALF), str(SLOW)],
        stdin=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 30
        while node.scrape()[OPEN] < 0.9 * (HALF + SLOW):
            if time.monotonic() > deadline:
                raise SystemExit("the node does not have the half-open handshakes after 30 s")
            time.sleep(0.2)
        yield
    finally:
        clients.kill()
        clients.wait()


def first_message():
    """The bytes with which a client begins a handshake."""
    outgoing = ssl.MemoryBIO()
    session = ssl.create_default_context().wrap_bio(
        ssl.MemoryBIO(), outgoing, server_hostname="localhost"
    )
    try:
        session.do_handshake()
    except ssl.SSLWantReadError:
        return outgoing.read()


def hold(port, half, slow):
    """Keeps handshakes open until it is killed; one that the node closes is begun again.

    A third of `half` sends nothing, a third a part of its first message, a third all of it. The
    others send a byte of it every second.
    """
    message = first_message()
    parts = [b"", message[:9], message]
    queue, clients, made = select.epoll(), {}, 0

    def begin(is_slow):
        nonlocal made
        made += 1
        client = socket.create_connection(("127.0.0.1", port))
        client.setblocking(False)
        clients[client.fileno()] = [client, is_slow, 9]
        queue.register(client.fileno(), select.EPOLLRDHUP)
        send(client, message[:9] if is_slow else parts[made % 3])

    def send(client, part):
        try:
            client.send(part)
        except OSError:
            pass  # closed; the queue reports it

    started = time.monotonic()
    for count in range(half + slow):
        time.sleep(max(0, started + count / PACE - time.monotonic()))
        begin(count * slow % (half + slow) < slow)
    due = time.monotonic() + 1
    while True:
        for descriptor, _ in queue.poll(max(0, due - time.monotonic())):
            client, is_slow, _ = clients.pop(descriptor)
            client.close()
            begin(is_slow)
        if time.monotonic() >= due:
            due += 1
            for entry in list(clients.values()):
                if entry[1]:
                    send(entry[0], message[entry[2] : entry[2] + 1])
                    entry[2] += 1


if __name__ == "__main__":
    hold(*map(int, sys.argv[1:]))

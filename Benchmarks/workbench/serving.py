"""The cost of a response: the summary, compared with the floor and nginx, /metrics, and /."""

import http.client
import math
import threading
import time
from contextlib import ExitStack, contextmanager

from workbench.node import Node, late_pulls
from workbench.rounds import MOST_NOISE, OTHER, beside_other, interleave, noise
from workbench.servers import PATH, FloorServer, Nginx, ask

CONNECTIONS = 64
NAMES = {"floor": "C, libmicrohttpd", "ours": "nova-federation", "nginx": "nginx"}
PAGE = "/metrics"
# As sent by Prometheus 2.42.
ACCEPT = (
    "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
    "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
)


def cpu_of_summaries(results, farm, seconds, rounds, also=(), is_secure=False):
    """Compares the CPU of a summary under wrk.

    Over TLS the handshakes are left out: each run of wrk makes the same number of them, so the
    figure is the difference of a long run and a short one.
    """
    with Node(farm.urls[:5], 30) as node:
        time.sleep(1)
        summary = node.get(PATH)[1]

    def measure(name):
        match name:
            case "floor":
                server = FloorServer(summary, is_secure)
            case "nginx":
                server = Nginx(summary, is_secure)
            case "ours":
                server = Node(farm.urls[:5], 30, is_secure=is_secure)
        with server:
            ask(server, CONNECTIONS, 1)
            short = ask(server, CONNECTIONS, 1) if is_secure else (0, 0)
            cpu, answers = ask(server, CONNECTIONS, seconds)
            return (cpu - short[0]) / (answers - short[1]) * 1e6

    figures = interleave(rounds, "floor", ["ours", *also], measure)
    results.add_ratio(
        "summary-tls" if is_secure else "summary",
        f"CPU of a summary{' over TLS' if is_secure else ''}, {CONNECTIONS} connections", "us", 2,
        figures, "floor", "ours", NAMES,
    )  # fmt: skip


def cpu_of_small_pages(results, farm, requests, rounds, other=None):
    """The CPU of /metrics with five peers on a kept connection, as Prometheus uses it.

    It includes the pulls of the node, one in six seconds. The floor has the page ready, so its
    figure is the cost of receiving, sending and waking the client.
    """

    def measure(server, path):
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        cpu = server.cpu
        for _ in range(requests):
            connection.request("GET", path, headers={"Accept": ACCEPT})
            connection.getresponse().read()
        connection.close()
        return (server.cpu - cpu) / requests * 1e6

    with ExitStack() as stack:
        binaries = {"ours": None, "other": other} if other else {"ours": None}
        nodes = {
            name: stack.enter_context(Node(farm.urls[:5], 30, binary=binary))
            for name, binary in binaries.items()
        }
        time.sleep(2)
        page = nodes["ours"].get(PAGE, accept=ACCEPT)[1]
        servers = {name: (node, PAGE) for name, node in nodes.items()}
        servers["floor"] = (stack.enter_context(FloorServer(page)), PATH)
        figures = interleave(rounds, "floor", list(nodes), lambda name: measure(*servers[name]))
    results.add_limit(
        "metrics-5", "CPU of /metrics, 5 peers", "us", 1,
        figures["ours"], 100 * (min(noise(figures["floor"]), MOST_NOISE) - 1),
    )  # fmt: skip
    results.add_note("the same page, ready", NAMES["floor"], figures["floor"], 1)
    if other:
        results.add_note("", OTHER, figures["other"], 1, beside_other(figures))


def cpu_of_large_pages(results, farm, interval, scrapes, every, slack):
    """The CPU of /metrics and of / while the farm is pulled, and whether they delay pulls."""
    with Node(farm.urls, interval) as node:
        node.wait_for_first_pass(seconds=60 + farm.peers / 500)
        time.sleep(1.5 * interval)
        seconds = scrapes * every
        first, cpu = node.scrape(), node.cpu
        time.sleep(seconds)
        quiet_cpu = node.cpu - cpu
        values, marks = {}, [first, node.scrape()]
        for path in PAGE, "/":
            started = time.monotonic()
            values[path] = []
            for count in range(scrapes):
                time.sleep(max(0, started + count * every - time.monotonic()))
                before, moment = node.cpu, time.monotonic()
                node.get(path, timeout=30)
                share = quiet_cpu / seconds * (time.monotonic() - moment)
                values[path].append((node.cpu - before - share) * 1e3)
            time.sleep(max(0, started + seconds - time.monotonic()))
            marks.append(node.scrape())
    quiet = late_pulls(first, marks[1])
    what = "pulls over 50 ms late, nothing asked meanwhile"
    results.add_note(what, "nova-federation", [quiet], 0)
    for case, late_case, path, before, after in [
        ("metrics-10000", "late-10000", PAGE, *marks[1:3]),
        ("page-10000", "late-page-10000", "/", *marks[2:4]),
    ]:
        results.add_limit(
            case, f"CPU of {path}, {farm.peers:,} peers while pulled", "ms", 1,
            values[path], 100 * slack,
        )  # fmt: skip
        late = late_pulls(before, after) + after.missed - before.missed - quiet
        results.add_limit(
            late_case, f"pulls over 50 ms late, {path} every {every:g} s", "more", 0,
            [late], quiet,
        )  # fmt: skip


def ready_while_pages_reload(results, farm, interval, seconds, clients):
    """The time of /ready on a kept connection, and late pulls, while clients reload / once a second.

    Each client requests a page of its own, so no two share a computation.
    """
    with Node(farm.urls, interval) as node:
        node.wait_for_first_pass(seconds=60 + farm.peers / 500)
        time.sleep(1.5 * interval)
        marks = [node.scrape()]
        quiet = p99_of_ready(node, seconds)
        marks.append(node.scrape())
        with reloading(node, clients) as pages:
            busy = p99_of_ready(node, seconds)
        marks.append(node.scrape())
    results.add_note("time of /ready, p99, nothing else requested, ms", NAMES["ours"], [quiet], 2)
    results.add_note(f"the same, {clients} clients reload /, ms", NAMES["ours"], [busy], 2)
    results.add_limit("ready-reload", "the difference", "ms", 2, [busy - quiet], 0)
    results.add_note("pages sent meanwhile, per second", NAMES["ours"], [pages[0] / seconds], 1)
    late = [
        late_pulls(*pair) + pair[1].missed - pair[0].missed for pair in zip(marks, marks[1:])
    ]  # fmt: skip
    results.add_limit(
        "late-reload", "pulls over 50 ms late or missed meanwhile", "more", 0,
        [late[1] - late[0]], late[0],
    )  # fmt: skip


def p99_of_ready(node, seconds):
    """The p99 of the time of /ready in milliseconds, at 100 requests a second."""
    connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=10)
    times = []
    started = time.monotonic()
    for count in range(100 * seconds):
        time.sleep(max(0, started + count / 100 - time.monotonic()))
        before = time.monotonic()
        connection.request("GET", "/ready")
        connection.getresponse().read()
        times.append(time.monotonic() - before)
    connection.close()
    return sorted(times)[math.ceil(0.99 * len(times)) - 1] * 1e3


@contextmanager
def reloading(node, clients):
    """Clients that reload their page of / once a second; yields a list with the pages received."""
    ends = threading.Event()
    received = [0]

    def reload(number):
        connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=30)
        while not ends.wait(1):
            connection.request("GET", f"/?page={number + 1}")
            connection.getresponse().read()
            received[0] += 1
        connection.close()

    threads = [threading.Thread(target=reload, args=[number]) for number in range(clients)]
    for thread in threads:
        thread.start()
    try:
        yield received
    finally:
        ends.set()
        for thread in threads:
            thread.join()

"""The memory and threads of a node, and the time until it is ready."""

import time

from workbench.node import Node
from workbench.pulling import puller, settle

MEBIBYTE = 2**20


def memory_of_nodes(results, farm, cases):
    """Resident memory with a full window, for each number of peers and interval."""
    for peers, interval in cases:
        with Node(farm.urls[:peers], interval) as node:
            node.wait_for_first_pass(seconds=60 + peers / 500)
            time.sleep(11.5 * interval)
            resident, private = node.memory
            threads, files = node.threads, node.open_files
        what = f"resident memory, {peers:,} peers"
        results.add_limit(f"memory-{peers}", what, "MiB", 1, [resident / MEBIBYTE])
        results.add_note("of it private and written", "nova-federation", [private / MEBIBYTE], 1)
        results.add_note("threads", "nova-federation", [threads], 0)
        results.add_note("open files", "nova-federation", [files], 0)


def memory_over_tls(results, farm, secure, interval):
    """Resident memory with a full window and kept TLS connections, beside HTTP and the floor."""

    def measure(name, farm):
        with puller(name, farm, interval) as program:
            settle(program, farm, interval)
            time.sleep(10 * interval)
            return program.memory[0] / MEBIBYTE

    what = f"resident memory, {farm.peers:,} peers"
    ours, floor = measure("ours", secure), measure("floor", secure)
    results.add_note(f"{what} over TLS, MiB", "nova-federation", [ours], 1)
    results.add_note("", "C, libcurl", [floor], 1)
    case = f"memory-tls-{farm.peers}"
    results.add_limit(case, "the difference", "MiB", 1, [ours - floor])
    results.add_note("the same peers over HTTP, MiB", "nova-federation", [measure("ours", farm)], 1)
    results.add_note("", "C, libcurl", [measure("floor", farm)], 1)


def time_to_ready(results, farm, starts, slack):
    """The time from the start of the process to the first 200 of /ready."""
    values = []
    for _ in range(starts):
        with Node(farm.urls[:5], 30) as node:
            values.append(node.ready_seconds * 1e3)
    results.add_limit("ready", "start to /ready, 5 peers", "ms", 1, values, 100 * slack)

"""The cost of a federation in which every node pulls every other, from the measured costs."""

import statistics

from workbench import machine

INTERVAL = 30
NODES = (10, 100, 1_000, 10_000)


def every_node_pulls_every_other(figures):
    """A table for federations of N nodes: the CPU of one node, and of all.

    Each node makes N - 1 pulls per interval and answers as many:

        CPU of a node = (N - 1) / interval * (CPU of a pull + CPU of a summary)

    None if the pulls or the summary were not measured.
    """
    pulls = {
        int(case.removeprefix("pull-")): statistics.median(of["ours"])
        for case, of in figures.items()
        if case.startswith("pull-") and not case.startswith("pull-tls-")
    }
    if not pulls or "summary" not in figures:
        return None
    summary = statistics.median(figures["summary"]["ours"])
    head = ("pulls a second of a node", "of its core", "pulls a second in all", "cores in all")
    rows = [("nodes", *head)]
    for nodes in NODES:
        # The cost of a pull that was measured with the nearest number of peers.
        pull = pulls[min(pulls, key=lambda peers: abs(peers - nodes))]
        rate = (nodes - 1) / INTERVAL
        share = rate * (pull + summary) / 1e6
        rows.append(
            (
                f"{nodes:,}", f"{rate:,.1f}", f"{share:.2%}",
                f"{rate * nodes:,.0f}", f"{share * nodes:,.3g}",
            )  # fmt: skip
        )
    return machine.table(rows)

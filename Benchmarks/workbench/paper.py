"""What the measured costs come to where every node pulls every other."""

import statistics

from workbench import machine

INTERVAL = 30
NODES = (10, 100, 1_000, 10_000)


def every_node_pulls_every_other(figures):
    """A table for federations of N nodes: what one node spends, and what all do.

    Each of N nodes makes N - 1 pulls in an interval and answers as many, so that

        CPU of a node = (N - 1) / interval * (CPU of a pull + CPU of a summary)

    and all together spend N times that. Nil if the pulls or the summary were not measured.
    """
    pulls = {
        int(case.removeprefix("pull-")): statistics.median(of["ours"])
        for case, of in figures.items()
        if case.startswith("pull-")
    }
    if not pulls or "summary" not in figures:
        return None
    summary = statistics.median(figures["summary"]["ours"])
    head = ("pulls a second of a node", "of its core", "pulls a second in all", "cores in all")
    rows = [("nodes", *head)]
    for nodes in NODES:
        # The cost of a pull as it was measured nearest to this number of peers.
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

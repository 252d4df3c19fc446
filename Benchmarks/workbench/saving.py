"""The cost of the persisted state: CPU and lateness of pulls, bytes in the file, memory."""

import sqlite3
import statistics
import time
from bisect import bisect_left
from contextlib import closing

from workbench.node import Node, late_pulls
from workbench.pulling import Turn, apart, settle
from workbench.rounds import interleave

# The node saves its state this often, in seconds, unless the interval of pulls is longer.
PACE = 30
# Within this time after its start a save has ended, its checkpoint included.
LENGTH = 2.5
# The governor scores all peers this often, in seconds, and every second time as a save begins.
TICK = 15
WITHOUT = "without"
NAMES = {WITHOUT: "without a state directory", "ours": "nova-federation"}
MEBIBYTE = 2**20


class CPUCurve:
    """The CPU of a program over time, twice a second."""

    def __init__(self, program, seconds):
        """Observes the program for so many seconds, which must be a multiple of the step."""
        step, self._times, self._values = 0.5, [], []
        # The clock of the node's timestamps, which nobody should set in this time.
        started = time.time()
        for count in range(round(seconds / step) + 1):
            time.sleep(max(0, started + count * step - time.time()))
            self._times.append(time.time())
            self._values.append(program.cpu)

    @property
    def total(self):
        return self._values[-1] - self._values[0]

    def of_saves(self, moments):
        """The CPU of each save that began at these moments, beyond that at the tick before."""
        return [self._around(moment) - self._around(moment - TICK) for moment in moments]

    def _around(self, moment):
        """The CPU from half a second before a moment, when a tick may begin, until `LENGTH` later."""
        first = bisect_left(self._times, moment) - 2
        if first < 0:
            raise SystemExit("a save began too early in its turn")
        last = bisect_left(self._times, moment + LENGTH)
        elapsed = self._times[last] - self._times[first]
        return (self._values[last] - self._values[first]) / elapsed * (LENGTH + 0.5)


def cpu_of_saves(results, turns, farm, interval, seconds, rounds):
    """Compares the CPU of a pull with and without a state directory, and counts late pulls.

    A turn has one save each 30 s of its length, and begins 20 s before the first. Windows are full
    in each save that is measured.
    """
    seconds = -(-seconds // PACE) * PACE
    # Before the tick before the first save that finds full windows.
    full = 11 * interval + 10
    start = -(-full // PACE) * PACE - 20
    late = {name: [] for name in NAMES}
    costs = []

    def measure(name):
        with apart(Node(farm.urls, interval, keeps_state=name == "ours")) as node:
            settle(node, farm, interval)
            time.sleep(max(0, node.started + start - time.monotonic() - 1))
            before = node.scrape()
            # The scrape is over, and its memory returned.
            time.sleep(max(0, node.started + start - time.monotonic()))
            opened, asked = farm.counts
            curve = CPUCurve(node, seconds)
            later_opened, later_asked = farm.counts
            after = node.scrape()
            resident, private = node.memory
            pulls = later_asked - asked - 1
            turn = Turn(
                pulls, later_opened - opened - 1, curve.total, resident, private,
                node.faults, None,
            )  # fmt: skip
        late[name].append(late_pulls(before, after) + after.missed - before.missed)
        if name == "ours":
            saves = round((after.saved - before.saved) / PACE)
            if saves != seconds // PACE:
                raise SystemExit(f"{saves} saves in {seconds} s:\n{node.log}")
            moments = [after.saved - PACE * count for count in range(saves)]
            costs.extend(curve.of_saves(moments))
        turns.append((name, farm.peers, turn))
        return turn.microseconds

    figures = interleave(rounds, WITHOUT, ["ours"], measure)
    rate = f"{farm.peers:,} peers at {farm.peers / interval:,.0f} a second"
    results.add_ratio(
        "state", f"CPU of a pull with saves, {rate}", "us", 2, figures, WITHOUT, "ours", NAMES, 3
    )
    what = "CPU of a save beyond the pulls in that time, ms"
    results.add_note(what, NAMES["ours"], [cost * 1e3 for cost in costs], 0)
    what = f"pulls over 50 ms late or missed in {seconds:g} s"
    results.add_note(what, NAMES[WITHOUT], late[WITHOUT], 0)
    quiet = statistics.median(late[WITHOUT])
    results.add_limit(
        "state-late", "the same, with saves", "more", 0,
        [count - quiet for count in late["ours"]], max(late[WITHOUT]) - quiet,
    )  # fmt: skip


def size_of_state(results, farm, interval):
    """Bytes in state.db for each peer and each event, in the file of a node that was stopped.

    All peers go down and come up again, so most events are `peer_down` and `peer_up`.
    """
    node = Node(farm.urls, interval, keeps_state=True)
    with node:
        with farm:
            node.wait_for_first_pass(seconds=60)
            time.sleep(2 * interval)
        time.sleep(3 * interval)
        with farm:
            # All failures have left the windows.
            time.sleep(12.5 * interval)
            node.stop()
        sizes, counts = contents(node.state_file)
        file = node.state_file.stat().st_size
    for what, table, one in [("peer", "peers", 11), ("event", "events", None)]:
        each = f", {one} observations" if one else ""
        results.add_note(
            f"state.db for each {what}{each}, bytes",
            NAMES["ours"], [sizes[table] / counts[table]], 0, f"{counts[table]:,} of them",
        )  # fmt: skip
    results.add_note("state.db in all, KiB", NAMES["ours"], [file / 1024], 0)


def contents(path):
    """Bytes and rows of each table of a state file; the bytes include its indexes."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as file:
        sizes = file.execute(
            """
            SELECT tbl_name, sum(pgsize) FROM dbstat JOIN sqlite_schema USING (name)
            GROUP BY tbl_name
            """
        )
        sizes = dict(sizes.fetchall())
        counts = {
            table: file.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in sizes
        }
    return sizes, counts


def memory_of_state(results, farm, peers, interval, rounds):
    """Resident memory of a node with a state directory, above that of one without."""

    def measure(name):
        with Node(farm.urls[:peers], interval, keeps_state=name == "ours") as node:
            # Past the first save of full windows.
            time.sleep(PACE + 5)
            return node.memory[0] / MEBIBYTE

    figures = interleave(rounds, WITHOUT, ["ours"], measure)
    what = f"resident memory with a state directory, {peers} peers, MiB"
    results.add_note(what, NAMES["ours"], figures["ours"], 1)
    results.add_note("", NAMES[WITHOUT], figures[WITHOUT], 1)
    beyond = [
        mine - statistics.mean(figures[WITHOUT][i : i + 2])
        for i, mine in enumerate(figures["ours"])
    ]
    results.add_limit("state-memory", "the difference", "MiB", 1, beyond)

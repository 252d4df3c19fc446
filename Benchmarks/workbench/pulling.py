"""The cost and the lateness of pulls: turns of pulling the farm."""

import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass

from workbench import machine
from workbench.node import Node, between, quantile
from workbench.program import found
from workbench.pullers import Floor, Prometheus, PythonClient, Timers
from workbench.rounds import OTHER, interleave, noise

NAMES = {
    "floor": "C, libcurl",
    "ours": "nova-federation",
    "other": OTHER,
    "lists": "C, libcurl on free lists",
    "prometheus": "Prometheus",
    "python": "Python, aiohttp",
}


@dataclass
class Turn:
    """The figures of one program in one turn."""

    pulls: int
    opened: int
    cpu_seconds: float
    resident: int
    private: int
    faults: int
    late_milliseconds: float | None

    @property
    def microseconds(self):
        return self.cpu_seconds / self.pulls * 1e6


def puller(name, farm, interval, other=None):
    settings = {"NOVA_FED_CA_FILE": str(farm.authorities)} if farm.is_secure else {}
    match name:
        case "floor":
            return Floor(farm.urls, interval, authorities=farm.authorities)
        case "lists":
            return Floor(farm.urls, interval, lists=True, authorities=farm.authorities)
        case "ours":
            return Node(farm.urls, interval, **settings)
        case "other":
            return Node(farm.urls, interval, binary=other, **settings)
        case "prometheus":
            return Prometheus(farm.targets, interval)
        case "python":
            return PythonClient(farm.urls, interval)


def apart(program):
    """Keeps a program off the processor of the farm."""
    program.processors, _ = machine.processors()
    return program


def settle(program, farm, interval):
    """Waits until each peer has been pulled once and is in its slot."""
    asked = farm.counts[1]
    deadline = time.monotonic() + 60 + 3 * interval
    questions = 1  # reading the counts is a request too
    while farm.counts[1] - asked - questions < farm.peers:
        questions += 1
        program.must_run()
        if time.monotonic() > deadline:
            raise SystemExit(f"the first pass did not end:\n{program.log}")
        time.sleep(0.25)
    time.sleep(1.5 * interval)


def p99_milliseconds(before, after):
    """The p99 of lateness between two readings, with the bounds of the node.

    The C programs have finer bounds, which would favour them.
    """
    histogram = [pair for pair in between(before, after) if pair[0] >= 0.001]
    return quantile(histogram, 0.99) * 1e3


def watch(program, farm, seconds):
    """Measures a turn of a program that has settled."""
    late = program.lateness
    cpu, (opened, asked) = program.cpu, farm.counts
    time.sleep(seconds)
    cpu_seconds = program.cpu - cpu
    later_opened, later_asked = farm.counts
    program.must_run()
    resident, private = program.memory
    # The second reading is a request and a connection too.
    pulls, opened = later_asked - asked - 1, later_opened - opened - 1
    if pulls <= 0:
        raise SystemExit(f"no pulls were made:\n{program.log}")
    p99 = late and p99_milliseconds(late, program.lateness)
    return Turn(pulls, opened, cpu_seconds, resident, private, program.faults, p99)


def cpu_of_pulls(results, turns, farm, interval, seconds, rounds, also=(), other=None):
    """Compares the CPU of a pull.

    `other` is another build of the node, which takes turns with this one. The programs in `also`
    have one turn each, after the others.
    """

    def measure(name):
        with apart(puller(name, farm, interval, other)) as program:
            settle(program, farm, interval)
            turn = watch(program, farm, seconds)
        turns.append((name, farm.peers, turn))
        return turn.microseconds

    builds = ["ours", "other"] if other else ["ours"]
    figures = interleave(rounds, "floor", builds, measure)
    for name in also:
        figures[name] = [measure(name)]
    results.add_ratio(
        f"pull-tls-{farm.peers}" if farm.is_secure else f"pull-{farm.peers}",
        f"CPU of a pull{' over TLS' if farm.is_secure else ''}, {farm.peers:,} peers at "
        f"{farm.peers / interval:,.0f} a second",
        "us", 1, figures, "floor", "ours", NAMES,
    )  # fmt: skip


@contextmanager
def busy_loops(count):
    """Runs processes that never sleep."""
    loops = [
        subprocess.Popen([found("python3", "python3"), "-c", "while True: pass"])
        for _ in range(count)
    ]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def late_pulls(results, farm, interval, seconds, rounds, is_busy):
    """Compares the lateness of pulls with that of a loop that only sleeps."""

    def measure(name):
        program = Node(farm.urls, interval) if name == "ours" else Timers(farm.urls, interval)
        with program:
            if name == "ours":
                program.wait_for_first_pass(seconds=60)
            time.sleep(1.5 * interval)
            with busy_loops(2 if is_busy else 0):
                time.sleep(0.5)
                before = program.lateness
                time.sleep(seconds)
                after = program.lateness
        return p99_milliseconds(before, after)

    figures = interleave(rounds, "timers", ["ours"], measure)
    ours, timers = figures["ours"], figures["timers"]
    what = "start of a pull, p99 of lateness, 1,000 a second"
    names = {"timers": "C, a bare timer loop", "ours": "nova-federation"}
    if is_busy:
        results.add_ratio(
            "late-busy", f"{what}, two busy loops beside", "ms", 2,
            figures, "timers", "ours", names,
        )  # fmt: skip
    else:
        results.add_note(f"{what}, ms", names["timers"], timers, 2, f"noise {noise(timers):.2f}")
        results.add_note("", names["ours"], ours, 2)
        beyond = [mine - (a + b) / 2 for mine, a, b in zip(ours, timers, timers[1:])]
        slack = max(timers) - min(timers)
        results.add_limit("late", "the same, above that loop", "ms", 2, beyond, slack)

"""Turns taken by two or more programs, what they came to, and whether that meets a target.

    floor  ours  floor  ours  floor  ours  floor

Each turn of ours lies between two of the floor and is compared with their mean, so that a machine
which grows slower meanwhile is no matter. How far two neighbouring turns of the floor, which do
the same, are apart at the median is the noise of the run: no ratio means more than that.
"""

import json
import statistics
from dataclasses import dataclass, field
from pathlib import Path

from workbench import machine

# A run whose noise is above it is no excuse for more: it says too little to be believed.
MOST_NOISE = 1.25
# What a build of the node is called that takes turns with this one.
OTHER = "the other build"
TARGETS = json.loads(Path(__file__).parents[1].joinpath("targets.json").read_text())


def interleave(rounds, floor, ours, measure):
    """The figures of `floor` and of each name of `ours`, which `measure` takes by name.

    The floor has a turn more, before the first of ours and after the last.
    """
    figures = {name: [] for name in [floor, *ours]}
    for _ in range(rounds):
        for name in [floor, *ours]:
            figures[name].append(measure(name))
    figures[floor].append(measure(floor))
    return figures


def ratios(ours, floor):
    """Each turn of ours over the two of the floor beside it."""
    return [mine / statistics.mean(floor[i : i + 2]) for i, mine in enumerate(ours)]


def beside_other(figures):
    """How many times dearer this build is than the other, of turns side by side."""
    pairs = [mine / theirs for mine, theirs in zip(figures["ours"], figures["other"])]
    return "this build: {} ({}) times it".format(*spread(pairs, 3))


def noise(floor):
    """How many times dearer one turn of the floor was than its neighbour, at the median."""
    return statistics.median(max(a / b, b / a) for a, b in zip(floor, floor[1:]))


def spread(values, digits):
    """The median, and from which to which."""
    low, middle, high = min(values), statistics.median(values), max(values)
    return f"{middle:.{digits}f}", f"{low:.{digits}f}–{high:.{digits}f}"


@dataclass
class Verdict:
    """A figure beside its target; `slack` is what the noise of the run may add to it."""

    case: str
    figure: float
    slack: float = 0

    @property
    def target(self):
        return TARGETS[self.case]["most"]

    @property
    def word(self):
        if self.figure <= self.target:
            return "met"
        return "past it within the noise" if self.figure <= self.target + self.slack else "MISSED"

    @property
    def is_missed(self):
        return self.word == "MISSED"


@dataclass
class Results:
    """The rows of the table, the verdicts, and all figures for whoever draws or compares them."""

    rows: list = field(default_factory=list)
    verdicts: list = field(default_factory=list)
    figures: dict = field(default_factory=dict)

    HEAD = ("measured", "program", "median", "min–max", "times the floor", "target")

    def add_ratio(self, case, what, unit, digits, figures, floor, ours, names):
        """Rows of one comparison; `names` says how each program is called in the table."""
        self.figures[case] = {"unit": unit, "floor": floor, **figures}
        error = noise(figures[floor])
        verdict = Verdict(
            case,
            statistics.median(ratios(figures[ours], figures[floor])),
            TARGETS[case]["most"] * (min(error, MOST_NOISE) - 1),
        )
        self.verdicts.append(verdict)
        first = f"{what}, {unit}"
        for name, label in names.items():
            if not figures.get(name):
                continue
            target = ""
            if name == floor:
                times = f"1; noise {error:.2f}"
            elif name == ours:
                times = " ".join(
                    "{} ({})".format(*spread(ratios(figures[ours], figures[floor]), 2)).split()
                )
                target = f"{verdict.target:g}: {verdict.word}"
            elif name == "other":
                times = beside_other(figures)
            else:
                middle = statistics.median(figures[floor])
                times = f"{statistics.median(figures[name]) / middle:.2f}"
            self.rows.append((first, label, *spread(figures[name], digits), times, target))
            first = ""

    def add_limit(self, case, what, unit, digits, values, slack=0.0, program="nova-federation"):
        """A row of one figure that has a limit of its own."""
        self.figures[case] = {"unit": unit, "ours": values}
        verdict = Verdict(case, statistics.median(values), slack)
        self.verdicts.append(verdict)
        target = f"{verdict.target:g}: {verdict.word}"
        self.rows.append((f"{what}, {unit}", program, *spread(values, digits), "", target))

    def add_note(self, what, program, values, digits, times=""):
        """A row that is there to be compared with."""
        self.rows.append((what, program, *spread(values, digits), times, ""))

    @property
    def table(self):
        return machine.table([self.HEAD, *self.rows])

"""Turns of two or more programs, their figures, and whether these meet a target.

    floor  ours  floor  ours  floor  ours  floor

Each of our turns is between two turns of the floor and is compared with their mean, so a machine
that becomes slower does not change the ratio. The noise of the run is the median ratio of
neighbouring turns of the floor, which do the same work: smaller differences mean nothing.
"""

import json
import statistics
from dataclasses import dataclass, field
from pathlib import Path

from workbench import machine

# The largest noise that is tolerated: a noisier run is not reliable.
MOST_NOISE = 1.25
# The label of a build of the node that takes turns with this one.
OTHER = "the other build"
TARGETS = json.loads(Path(__file__).parents[1].joinpath("targets.json").read_text())


def interleave(rounds, floor, ours, measure):
    """Lets the floor and our programs take turns; returns the figures by name.

    The floor has the first and the last turn, one more than the others.
    """
    figures = {name: [] for name in [floor, *ours]}
    for _ in range(rounds):
        for name in [floor, *ours]:
            figures[name].append(measure(name))
    figures[floor].append(measure(floor))
    return figures


def ratios(ours, floor):
    """The ratio of each of our turns to the mean of the floor's turns before and after it."""
    return [mine / statistics.mean(floor[i : i + 2]) for i, mine in enumerate(ours)]


def beside_other(figures):
    """The ratio of this build to the other, from neighbouring turns."""
    pairs = [mine / theirs for mine, theirs in zip(figures["ours"], figures["other"])]
    return "this build: {} ({}) times it".format(*spread(pairs, 3))


def noise(floor):
    """The median ratio of neighbouring turns of the floor, at least 1."""
    return statistics.median(max(a / b, b / a) for a, b in zip(floor, floor[1:]))


def spread(values, digits):
    """The median, and the range."""
    low, middle, high = min(values), statistics.median(values), max(values)
    return f"{middle:.{digits}f}", f"{low:.{digits}f}–{high:.{digits}f}"


@dataclass
class Verdict:
    """A figure and its target; `slack` is how much the noise of the run may add."""

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
    """The rows of the table, the verdicts, and all figures."""

    rows: list = field(default_factory=list)
    verdicts: list = field(default_factory=list)
    figures: dict = field(default_factory=dict)

    HEAD = ("measured", "program", "median", "min–max", "times the floor", "target")

    def add_ratio(self, case, what, unit, digits, figures, floor, ours, names, places=2):
        """Adds the rows of one comparison; `names` maps programs to their labels.

        Figures have `digits` decimal places, and ratios `places`.
        """
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
                times = f"1; noise {error:.{places}f}"
            elif name == ours:
                times = " ".join(
                    "{} ({})".format(
                        *spread(ratios(figures[ours], figures[floor]), places)
                    ).split()
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
        """Adds a row of a figure with a limit."""
        self.figures[case] = {"unit": unit, "ours": values}
        verdict = Verdict(case, statistics.median(values), slack)
        self.verdicts.append(verdict)
        target = f"{verdict.target:g}: {verdict.word}"
        self.rows.append((f"{what}, {unit}", program, *spread(values, digits), "", target))

    def add_note(self, what, program, values, digits, times=""):
        """Adds a row for comparison, without a target."""
        self.rows.append((what, program, *spread(values, digits), times, ""))

    @property
    def table(self):
        return machine.table([self.HEAD, *self.rows])

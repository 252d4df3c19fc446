"""The machine that was measured, and its load."""

import os
import platform
import re
import subprocess
from pathlib import Path


def description():
    """One line: processor, cores, memory, kernel, libcurl."""
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    kib = re.search(r"MemTotal: +(\d+)", Path("/proc/meminfo").read_text())
    curl = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Version}", "libcurl4"], capture_output=True, text=True
    )
    parts = [
        model[1] if model else platform.machine(),
        f"{cores()} cores",
        f"{int(kib[1]) / 2**20:.0f} GiB",
        f"Linux {platform.release()}",
        f"libcurl {curl.stdout or 'of unknown version'}",
    ]
    return ", ".join(parts)


def busy_seconds():
    """The CPU time of all processors since boot."""
    fields = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]
    user, nice, system, _idle, _wait, interrupts, soft, stolen = map(int, fields)
    return (user + nice + system + interrupts + soft + stolen) / os.sysconf("SC_CLK_TCK")


def cores():
    return os.cpu_count()


def processors():
    """The processors of a puller whose CPU is compared, and that of the farm.

    Real peers are other machines. If the farm and the puller shared a processor, the farm would
    evict the puller's data from the caches. With a single processor they share it.
    """
    *others, last = sorted(os.sched_getaffinity(0))
    return others or [last], [last]


def table(rows):
    """Formats rows as a Markdown table; the first row is the head, numbers are aligned right."""
    widths = [max(len(str(row[i])) for row in rows) for i in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [str(row[0]).ljust(widths[0])]
        cells += [str(cell).rjust(width) for cell, width in zip(row[1:], widths[1:])]
        lines.append(f"| {' | '.join(cells)} |")
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    lines.insert(1, f"| {' | '.join(rule)} |")
    return "\n".join(lines)

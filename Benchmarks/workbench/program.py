"""A measured program: started, observed from outside, stopped by its pid."""

import ctypes
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

_libc = ctypes.CDLL(None)


def prepare(needed):
    """Raises the limit of open files to the hard limit, for the children too.

    Also makes SIGTERM exit this program normally, so that it stops the programs it started.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < needed:
        raise SystemExit(f"this needs {needed} open files; the hard limit (ulimit -Hn) is {hard}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def found(name, package):
    """The path of a program from a Debian package."""
    path = shutil.which(name, path="/usr/sbin:/usr/bin")
    if path is None:
        raise SystemExit(f"{name} is missing: apt-get install {package}")
    return path


def cpu_seconds(pid):
    """User and system time of a process and all its threads, including those that ended.

    The same as in /proc/PID/stat, but in nanoseconds instead of hundredths of a second
    (clock_getcpuclockid(3)).
    """
    clock = ctypes.c_int()
    if error := _libc.clock_getcpuclockid(pid, ctypes.byref(clock)):
        raise OSError(error, os.strerror(error))
    return time.clock_gettime_ns(clock.value) / 1e9


def memory(pid):
    """Resident bytes, and how many of them are private and written.

    The others are mapped from files; the system can drop and share them.
    """
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    sizes = {key: int(kib) * 1024 for key, kib in re.findall(r"(\w+): +(\d+) kB", text)}
    return sizes["Rss"], sizes["Private_Dirty"]


class Program:
    """A running program with its own folder; a context manager that removes both.

    Subclasses define `command` and `is_ready`.
    """

    patience = 30
    # The processors on which it may run; None = no restriction.
    processors = None
    # How many pulls failed or were missed, if the program reports it.
    faults = 0
    # The histogram of lateness since its start, if the program reports it.
    lateness = None

    def __init__(self):
        self.folder = None
        self._process = None
        self._log = None

    def command(self):
        """The command line; the folder exists already."""
        raise NotImplementedError

    def environment(self):
        return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}

    def is_ready(self):
        return True

    def __enter__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="bench-"))
        self._log = (self.folder / "log").open("wb")
        command = self.command()
        if self.processors:
            where = ",".join(map(str, self.processors))
            command = [found("taskset", "util-linux"), "-c", where, *command]
        started = time.monotonic()
        self._process = subprocess.Popen(
            command, env=self.environment(),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self._log, text=True,
        )  # fmt: skip
        try:
            self._wait_until_ready(started + self.patience)
        except BaseException:
            self.__exit__()
            raise
        self.started = started
        self.ready_seconds = time.monotonic() - started
        return self

    def __exit__(self, *_):
        self.stop()
        self._process.stdout.close()
        self._log.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def stop(self):
        """Ends the program; its folder remains until the context ends."""
        self._process.terminate()
        try:
            self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _wait_until_ready(self, deadline):
        while True:
            try:
                if self.is_ready():
                    return
            except OSError:
                pass  # not listening yet
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"{self.command()[0]} did not become ready:\n{self.log}")
            time.sleep(0.0005)

    @property
    def log(self):
        """The end of its standard error."""
        return (self.folder / "log").read_text(errors="replace")[-4000:]

    def line(self):
        """The next line of its standard output."""
        return self._process.stdout.readline()

    def signal(self, number):
        self._process.send_signal(number)

    def must_run(self):
        if self._process.poll() is not None:
            raise SystemExit(f"{self.command()[0]} has exited:\n{self.log}")

    @property
    def pid(self):
        return self._process.pid

    @property
    def pids(self):
        """Its pid and those of its children."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return [self.pid, *map(int, children)]

    @property
    def cpu(self):
        return sum(map(cpu_seconds, self.pids))

    @property
    def memory(self):
        return memory(self.pid)

    @property
    def most_memory(self):
        """The peak of resident bytes."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) * 1024

    @property
    def threads(self):
        return len(os.listdir(f"/proc/{self.pid}/task"))

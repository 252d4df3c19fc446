"""The node under test: the release daemon, started with peers, read through /metrics and /proc."""

import bisect
import http.client
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

from workbench.farm import free_port

REPOSITORY = Path(__file__).resolve().parents[2]
BINARY = REPOSITORY / ".build-release/release/nova-federation"
TICKS = os.sysconf("SC_CLK_TCK")
LATENESS = "nova_federation_schedule_lateness_seconds"


def build():
    """Builds the release daemon, at most for half an hour; it takes minutes the first time."""
    subprocess.run(
        [
            "swift", "build", "-c", "release", "--static-swift-stdlib",
            "--product", "nova-federation", "--scratch-path", ".build-release",
        ],
        cwd=REPOSITORY, stdin=subprocess.DEVNULL, check=True, timeout=1800,
    )  # fmt: skip


def prepare(needed):
    """Makes room for `needed` open files, and SIGTERM an end that stops what was started.

    The limit of open files becomes the hard one, which the children inherit.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < needed:
        raise SystemExit(f"this needs {needed} open files; the hard limit (ulimit -Hn) is {hard}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def cpu_seconds(pid):
    """User and system time of a process, from /proc/PID/stat; in steps of a clock tick."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


class Scrape:
    """One answer of /metrics: its samples by series, as text."""

    def __init__(self, text):
        self.bytes = len(text)
        self._samples = {}
        for line in text.splitlines():
            # Series of a single peer are not looked at here, and are nearly all of them.
            if line.startswith("#") or 'peer="' in line:
                continue
            series, _, value = line.rpartition(" ")
            self._samples[series] = float(value)

    def __getitem__(self, series):
        return self._samples[series]

    @property
    def successes(self):
        return self['nova_federation_pull_result_total{status="success"}']

    @property
    def errors(self):
        return self['nova_federation_pull_result_total{status="error"}']

    @property
    def missed(self):
        return self["nova_federation_missed_pulls_total"]

    def histogram(self, name):
        """Upper bounds, ascending, and how many observations lie at or below each."""
        pattern = re.compile(re.escape(name) + r'_bucket\{le="([^"]+)"\}')
        found = ((pattern.fullmatch(series), n) for series, n in self._samples.items())
        return sorted((float(match[1]), n) for match, n in found if match)


def quantile(before, after, name, q):
    """The q-quantile of what a histogram took in between two scrapes, linear within a bucket."""
    bounds, counts = zip(
        *(
            (bound, new - old)
            for (bound, new), (_, old) in zip(after.histogram(name), before.histogram(name))
        )
    )
    rank = q * counts[-1]
    place = bisect.bisect_left(counts, rank)
    if place == len(bounds) - 1:
        return bounds[-2]  # above the last bound: all that is known
    low, below = (bounds[place - 1], counts[place - 1]) if place else (0.0, 0.0)
    share = (rank - below) / (counts[place] - below) if counts[place] > below else 0.0
    return low + (bounds[place] - low) * share


class Node:
    """A running node; a context manager that stops it and removes what it wrote."""

    def __init__(self, urls, interval, binary=BINARY, **settings):
        self.port = free_port()
        self.ready_seconds = None
        self._urls = urls
        self._binary = binary
        self._settings = {
            "FEDERATION_ENABLED": "1",
            "NOVA_FED_SYNC_ENABLED": "1",
            "NOVA_FED_SYNC_INTERVAL": f"{interval:g}",
            "NOVA_ENABLE_PROMETHEUS": "1",
            "NOVA_NODE_ID": "bench",
            "FEDERATION_BIND": f"127.0.0.1:{self.port}",
            "NOVA_FED_DRAIN_SEC": "0",
            # A first answer of each of thousands of peers is a line at level info.
            "NOVA_FED_LOG_LEVEL": "warning",
            **settings,
        }
        self._folder = None
        self._process = None

    @property
    def pid(self):
        return self._process.pid

    def __enter__(self):
        self._folder = Path(tempfile.mkdtemp(prefix="node-"))
        peers = self._folder / "peers"
        peers.write_text("".join(f"{url}\n" for url in self._urls))
        log = (self._folder / "log").open("wb")
        started = time.monotonic()
        self._process = subprocess.Popen(
            [self._binary, "serve"],
            env={"PATH": "/usr/bin:/bin", "NOVA_FED_PEERS_FILE": str(peers), **self._settings},
            stdin=subprocess.DEVNULL, stdout=log, stderr=log,
        )  # fmt: skip
        log.close()
        try:
            self._wait_until_ready(deadline=started + 30)
        except BaseException:
            self.__exit__()
            raise
        self.ready_seconds = time.monotonic() - started
        return self

    def __exit__(self, *_):
        self._process.terminate()
        try:
            self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def log(self):
        """The end of what it wrote."""
        return (self._folder / "log").read_text(errors="replace")[-4000:]

    def get(self, path, timeout=10):
        """Status and body of one GET on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()

    def _wait_until_ready(self, deadline):
        while True:
            try:
                if self.get("/ready", timeout=2)[0] == 200:
                    return
            except OSError:
                pass  # not listening yet
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"the node does not become ready:\n{self.log}")
            time.sleep(0.0005)

    def scrape(self):
        status, text = self.get("/metrics")
        if status != 200:
            raise SystemExit(f"/metrics answers {status}: {text[:200]}")
        return Scrape(text)

    def wait_for_first_pass(self, seconds):
        """Waits until as many pulls have ended as there are peers."""
        deadline = time.monotonic() + seconds
        while True:
            now = self.scrape()
            if now.successes + now.errors >= len(self._urls):
                return
            if time.monotonic() > deadline:
                raise SystemExit(f"the first pass is not over after {seconds:g} s:\n{self.log}")
            time.sleep(0.25)

    @property
    def cpu(self):
        return cpu_seconds(self.pid)

    @property
    def memory(self):
        """Resident and private bytes, from smaps_rollup."""
        text = Path(f"/proc/{self.pid}/smaps_rollup").read_text()
        sizes = {key: int(kib) * 1024 for key, kib in re.findall(r"(\w+): +(\d+) kB", text)}
        return sizes["Rss"], sizes["Private_Clean"] + sizes["Private_Dirty"]

    @property
    def threads(self):
        return len(os.listdir(f"/proc/{self.pid}/task"))

    @property
    def open_files(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

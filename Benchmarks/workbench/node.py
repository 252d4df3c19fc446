"""The node under test: the release build, observed through /metrics."""

import bisect
import os
import re
import subprocess
import time
from pathlib import Path

from workbench.farm import free_port
from workbench.program import Program
from workbench.tls import connection, make_certificates

REPOSITORY = Path(__file__).resolve().parents[2]
BINARY = REPOSITORY / ".build-release/release/nova-federation"
PLACES = 256
LATENESS = "nova_federation_schedule_lateness_seconds"
SAVED = "nova_federation_state_saved_timestamp_seconds"
# Pulls that start later than this, in seconds, count as late. It is a bound of the histogram.
LATE = 0.05


def build(*options):
    """Builds the release daemon; the first build takes minutes."""
    subprocess.run(
        [
            "swift", "build", "-c", "release", "--static-swift-stdlib",
            "--product", "nova-federation", "--scratch-path", ".build-release", *options,
        ],
        cwd=REPOSITORY, stdin=subprocess.DEVNULL, check=True, timeout=1800,
    )  # fmt: skip


class Scrape:
    """One response of /metrics: samples by series."""

    def __init__(self, text):
        self.bytes = len(text)
        self._samples = {}
        for line in text.splitlines():
            # Nearly all series belong to a single peer, and none of these is used here.
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

    @property
    def saved(self):
        """The Unix time of the last good save of the state; None before the first."""
        return self._samples.get(SAVED)

    @property
    def lateness(self):
        """Pairs of an upper bound and the number of pulls up to it, ascending."""
        pattern = re.compile(re.escape(LATENESS) + r'_bucket\{le="([^"]+)"\}')
        found = ((pattern.fullmatch(series), n) for series, n in self._samples.items())
        return sorted((float(match[1]), n) for match, n in found if match)


def between(before, after):
    """The difference of two readings of a histogram."""
    return [(bound, new - old) for (bound, new), (_, old) in zip(after, before)]


def late_pulls(before, after):
    """The number of pulls that started late between two scrapes."""
    counts = dict(between(before.lateness, after.lateness))
    return max(counts.values()) - counts[LATE]


def quantile(histogram, q):
    """The q-quantile, interpolated linearly within a bucket."""
    bounds, counts = zip(*histogram)
    rank = q * counts[-1]
    place = bisect.bisect_left(counts, rank)
    if place == len(bounds) - 1:
        return bounds[-2]  # above the last bound; more is not known
    low, below = (bounds[place - 1], counts[place - 1]) if place else (0.0, 0.0)
    share = (rank - below) / (counts[place] - below) if counts[place] > below else 0.0
    return low + (bounds[place] - low) * share


class Node(Program):
    """A running node.

    `keeps_state` gives it a state directory, in its folder. `is_secure` makes it listen with TLS.
    """

    def __init__(
        self, urls, interval, binary=None, keeps_state=False, is_secure=False, **settings
    ):
        super().__init__()
        self.port = free_port()
        self._urls = urls
        self._binary = binary or BINARY
        self._keeps_state = keeps_state
        self.is_secure = is_secure
        self._settings = {
            "FEDERATION_ENABLED": "1",
            "NOVA_FED_SYNC_ENABLED": "1",
            "NOVA_FED_SYNC_INTERVAL": f"{interval:g}",
            "NOVA_ENABLE_PROMETHEUS": "1",
            "NOVA_NODE_ID": "bench",
            "FEDERATION_BIND": f"127.0.0.1:{self.port}",
            "NOVA_FED_DRAIN_SEC": "0",
            # Ten observations per peer, as with the default interval.
            "NOVA_FED_WINDOW_SEC": f"{10 * interval:g}",
            # As in the floor, so that both can keep the same number of connections.
            "NOVA_FED_MAX_IN_FLIGHT": str(PLACES),
            "NOVA_FED_MAX_CONNECTIONS": "128",
            # At level info, the first response of each peer would be a line.
            "NOVA_FED_LOG_LEVEL": "warning",
            **settings,
        }

    def command(self):
        (self.folder / "peers").write_text("".join(f"{url}\n" for url in self._urls))
        if self.is_secure:
            make_certificates(self.folder)
        return [str(self._binary), "serve"]

    def environment(self):
        places = {"NOVA_FED_PEERS_FILE": str(self.folder / "peers")}
        if self._keeps_state:
            places["NOVA_FED_STATE_DIR"] = str(self.folder)
        if self.is_secure:
            places["NOVA_FED_TLS_CERT_FILE"] = str(self.folder / "127.0.0.1.pem")
            places["NOVA_FED_TLS_KEY_FILE"] = str(self.folder / "key")
        return {**super().environment(), **places, **self._settings}

    @property
    def state_file(self):
        return self.folder / "state.db"

    def is_ready(self):
        return self.get("/ready", timeout=2)[0] == 200

    def connect(self, timeout=10):
        """A new connection, which is opened by its first request."""
        authorities = self.folder / "authority.pem" if self.is_secure else None
        return connection("127.0.0.1", self.port, timeout, authorities)

    def get(self, path, timeout=10, accept="*/*"):
        """Status and body of one GET on a new connection."""
        asking = self.connect(timeout)
        try:
            asking.request("GET", path, headers={"Accept": accept})
            response = asking.getresponse()
            return response.status, response.read().decode()
        finally:
            asking.close()

    def scrape(self):
        status, text = self.get("/metrics", timeout=30)
        if status != 200:
            raise SystemExit(f"/metrics returned {status}: {text[:200]}")
        return Scrape(text)

    @property
    def lateness(self):
        return self.scrape().lateness

    @property
    def faults(self):
        """Failed pulls and missed slots since the start."""
        now = self.scrape()
        return int(now.errors + now.missed)

    def wait_for_first_pass(self, seconds):
        """Waits until as many pulls have ended as there are peers."""
        deadline = time.monotonic() + seconds
        while True:
            now = self.scrape()
            if now.successes + now.errors + now.missed >= len(self._urls):
                return
            if time.monotonic() > deadline:
                raise SystemExit(f"the first pass did not end within {seconds:g} s:\n{self.log}")
            time.sleep(0.25)

    @property
    def open_files(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

"""Programs that pull the farm or only keep its slots: floors in C, Prometheus, a Python client.

All use the interval, the timeout and the number of concurrent pulls of the node, and keep
connections.
"""

import http.client
import json
import signal
from pathlib import Path

from workbench.farm import free_port
from workbench.node import PLACES, REPOSITORY
from workbench.program import Program, found

FLOOR = REPOSITORY / ".build-floor"


def timeout_of(interval):
    return min(2.5, interval)


class SlotKeeper(Program):
    """A C program that reports its counters as a line of JSON on SIGUSR1."""

    def __init__(self, urls, interval):
        super().__init__()
        self._urls = urls
        self._interval = interval

    def peers_file(self):
        peers = self.folder / "peers"
        peers.write_text("".join(f"{url}\n" for url in self._urls))
        return str(peers)

    def report(self):
        self.signal(signal.SIGUSR1)
        return json.loads(self.line())

    @property
    def lateness(self):
        return [(bound, count) for bound, count in self.report()["late"]]


class Timers(SlotKeeper):
    """Sleeps until each slot, and does nothing then."""

    def command(self):
        return [str(FLOOR / "timers"), self.peers_file(), f"{self._interval:g}"]


class Floor(SlotKeeper):
    """The lowest cost of pulling with libcurl; with `lists`, on free lists like the node."""

    def __init__(self, urls, interval, places=PLACES, lists=False, authorities=None):
        super().__init__(urls, interval)
        self._places = places
        self._options = ["lists"] * lists + [f"CA={authorities}"] * (authorities is not None)

    def command(self):
        return [
            str(FLOOR / "pull"), self.peers_file(), f"{self._interval:g}",
            f"{timeout_of(self._interval):g}", str(self._places), *self._options,
        ]  # fmt: skip

    @property
    def faults(self):
        report = self.report()
        return report["bad"] + report["missed"]


class PythonClient(Program):
    """A simple client with asyncio and aiohttp."""

    def __init__(self, urls, interval):
        super().__init__()
        self._urls = urls
        self._interval = interval

    def command(self):
        (self.folder / "peers").write_text("".join(f"{url}\n" for url in self._urls))
        return [
            found("python3", "python3-aiohttp"), "-B",
            str(Path(__file__).with_name("python_client.py")), str(self.folder / "peers"),
            f"{self._interval:g}", f"{timeout_of(self._interval):g}",
        ]  # fmt: skip


class Prometheus(Program):
    """Debian's Prometheus, which scrapes the farm's /metrics."""

    def __init__(self, targets, interval):
        super().__init__()
        self._targets = targets
        self._interval = interval
        self._port = free_port()

    def command(self):
        configuration = {
            "scrape_configs": [
                {
                    "job_name": "farm",
                    "scrape_interval": f"{self._interval * 1e3:.0f}ms",
                    "scrape_timeout": f"{timeout_of(self._interval) * 1e3:.0f}ms",
                    "static_configs": [{"targets": self._targets}],
                }
            ]
        }
        # JSON is valid YAML.
        file = self.folder / "prometheus.yml"
        file.write_text(json.dumps(configuration))
        return [
            found("prometheus", "prometheus"), f"--config.file={file}",
            f"--storage.tsdb.path={self.folder / 'data'}", "--log.level=warn",
            f"--web.listen-address=127.0.0.1:{self._port}",
        ]  # fmt: skip

    def is_ready(self):
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=2)
        try:
            connection.request("GET", "/-/ready")
            return connection.getresponse().status == 200
        finally:
            connection.close()

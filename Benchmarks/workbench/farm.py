"""Thousands of peers from one nginx: every address of 127.0.0.0/8 is a peer of its own.

nginx answers by the address that was asked: its own node_id, a G* between 0.0 and 0.9, and the
present moment as ts. It does next to nothing for an answer, so what is measured is the puller.
"""

import http.client
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

MOST_PEERS = 15_000

CONFIGURATION = """
daemon off;
worker_processes 1;
worker_rlimit_nofile {files};
pid {prefix}/pid;
error_log {prefix}/error.log;
events {{ worker_connections {connections}; multi_accept on; }}
http {{
    access_log off;
    client_body_temp_path {prefix}/body;
    proxy_temp_path {prefix}/proxy;
    fastcgi_temp_path {prefix}/fastcgi;
    uwsgi_temp_path {prefix}/uwsgi;
    scgi_temp_path {prefix}/scgi;
    keepalive_requests 1000000000;
    keepalive_timeout 1h;
    map $server_addr $tenths {{ ~(?<digit>[0-9])$ $digit; }}
    server {{
        listen 0.0.0.0:{port} backlog=4096;
        location / {{ return 404; }}
        location = /status {{ stub_status; }}
        location = /federation/sync/summary {{
            default_type application/json;
            return 200 '{summary}';
        }}
    }}
}}
"""

SUMMARY = (
    '{"node_id":"farm-$server_addr","ts":$msec,"version":"1","metrics":{"peer_quality":0.7,'
    '"stability_margin":0.08,"hopf_distance":0.175,"spectral_radius":0.245,"gamma":0.7,'
    '"g_components":{"progress":0,"novelty":0,"consistency":1},"g_star":0.$tenths},'
    '"sig":null,"instance":"0000beef"}'
)


def free_port():
    """A TCP port of 127.0.0.1 that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def addresses(count):
    """The first `count` addresses of the farm, from 127.1.0.1 on; 250 in each 127.x.y."""
    return [
        f"127.{1 + i // 62_500}.{i // 250 % 250}.{1 + i % 250}" for i in range(count)
    ]


class Farm:
    """A running farm; a context manager that leaves nothing behind.

    Other programs use it in the same way, or through the program `farm` beside this folder.
    """

    def __init__(self, peers):
        self.peers = peers
        self.port = free_port()
        self._folder = None
        self._process = None

    @property
    def urls(self):
        return [f"http://{address}:{self.port}" for address in addresses(self.peers)]

    @property
    def pids(self):
        """The pids of the master and of its worker."""
        master = self._process.pid
        children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
        return [master, *map(int, children)]

    @property
    def accepted(self):
        """How many connections it has accepted so far, that of this question among them."""
        return int(self._get("/status").split()[7])

    def _get(self, path):
        connection = http.client.HTTPConnection("127.1.0.1", self.port, timeout=2)
        try:
            connection.request("GET", path)
            return connection.getresponse().read().decode()
        finally:
            connection.close()

    def __enter__(self):
        nginx = shutil.which("nginx", path="/usr/sbin:/usr/bin")
        if nginx is None:
            raise SystemExit("nginx is missing: apt-get install nginx-light")
        self._folder = Path(tempfile.mkdtemp(prefix="farm-"))
        configuration = self._folder / "nginx.conf"
        configuration.write_text(
            CONFIGURATION.format(
                prefix=self._folder,
                port=self.port,
                files=self.peers * 5 // 4 + 512,
                # nginx closes idle connections when less than a sixteenth of these is free.
                connections=self.peers * 5 // 4 + 256,
                summary=SUMMARY,
            )
        )
        self._process = subprocess.Popen(
            [nginx, "-p", self._folder, "-c", configuration, "-e", self._folder / "error.log"],
            stdin=subprocess.DEVNULL,
        )
        try:
            self._wait_until_it_answers()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self._process.terminate()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _wait_until_it_answers(self):
        deadline = time.monotonic() + 10
        while True:
            try:
                if "node_id" in self._get("/federation/sync/summary"):
                    return
            except OSError:
                pass  # not listening yet
            if self._process.poll() is not None or time.monotonic() > deadline:
                log = self._folder / "error.log"
                raise SystemExit(f"the farm does not answer: {log.read_text()[-2000:]}")
            time.sleep(0.02)

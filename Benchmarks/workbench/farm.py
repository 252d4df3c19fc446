"""Thousands of peers from one nginx: every address of 127.0.0.0/8 is a separate peer.

The response depends on the local address: it has its own node_id, a G* between 0.0 and 0.9, and the
current time as ts. A response costs nginx very little, so the figures describe the puller.
Prometheus gets the same numbers from /metrics, in its own format.
"""

import resource
import socket

from workbench.machine import processors
from workbench.program import Program, found
from workbench.tls import connection, make_certificates, nginx_directives

MOST_PEERS = 100_000

CONFIGURATION = """
daemon off;
# The worker reads a certificate at each handshake. Without root, nginx ignores this with a warning.
user root;
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
        listen 0.0.0.0:{port}{tls} backlog=4096;
        {certificate}
        location / {{ return 404; }}
        location = /status {{ stub_status; }}
        location = /federation/sync/summary {{
            default_type application/json;
            return 200 '{summary}';
        }}
        location = /metrics {{
            default_type text/plain;
            return 200 '{samples}';
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

# As few bytes as the format allows, so that Prometheus does not read more than the others.
SAMPLES = (
    'i{n="farm-$server_addr",v="1",s="0000beef"} 1\nts $msec\npeer_quality 0.7\n'
    "stability_margin 0.08\nhopf_distance 0.175\nspectral_radius 0.245\ngamma 0.7\n"
    "progress 0\nnovelty 0\nconsistency 1\ng_star 0.$tenths\n"
)


def free_port():
    """A free TCP port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def addresses(count):
    """The first `count` addresses of the farm, from 127.1.0.1 on; 250 in each 127.x.y."""
    return [
        f"127.{1 + i // 62_500}.{i // 250 % 250}.{1 + i % 250}" for i in range(count)
    ]


class Farm(Program):
    """A running farm; the program `farm` runs one alone."""

    patience = 10

    def __init__(self, peers, is_secure=False):
        super().__init__()
        self.peers = peers
        self.is_secure = is_secure
        _, self.processors = processors()
        self.port = free_port()

    @property
    def targets(self):
        return [f"{address}:{self.port}" for address in addresses(self.peers)]

    @property
    def urls(self):
        scheme = "https" if self.is_secure else "http"
        return [f"{scheme}://{target}" for target in self.targets]

    @property
    def authorities(self):
        """The file that certifies its peers; None without TLS."""
        return self.folder / "authority.pem" if self.is_secure else None

    @property
    def counts(self):
        """The numbers of accepted connections and of requests, including this one."""
        words = self._get("/status").split()
        return int(words[7]), int(words[9])

    def _get(self, path):
        asking = connection("127.1.0.1", self.port, 2, self.authorities)
        try:
            asking.request("GET", path)
            return asking.getresponse().read().decode()
        finally:
            asking.close()

    def command(self):
        # nginx closes idle connections when less than a sixteenth is free.
        connections = self.peers * 16 // 15 + 512
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[0] - 128
        certificate = ""
        if self.is_secure:
            make_certificates(self.folder, addresses(self.peers))
            certificate = nginx_directives(self.folder, "$server_addr")
        configuration = self.folder / "nginx.conf"
        configuration.write_text(
            CONFIGURATION.format(
                prefix=self.folder,
                port=self.port,
                tls=" ssl" if self.is_secure else "",
                certificate=certificate,
                files=min(connections, most) + 128,
                connections=min(connections, most),
                summary=SUMMARY,
                samples=SAMPLES,
            )
        )
        error_log = self.folder / "error.log"
        nginx = found("nginx", "nginx-light")
        return [nginx, "-p", str(self.folder), "-c", str(configuration), "-e", str(error_log)]

    def is_ready(self):
        return "node_id" in self._get("/federation/sync/summary")

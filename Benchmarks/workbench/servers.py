"""Servers of one summary, the floor in C and nginx; and the client, wrk."""

import re
import subprocess

from workbench.farm import free_port
from workbench.program import Program, found
from workbench.pullers import FLOOR

PATH = "/federation/sync/summary"

CONFIGURATION = """
daemon off;
worker_processes 2;
pid {prefix}/pid;
error_log {prefix}/error.log;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {prefix}/body;
    proxy_temp_path {prefix}/proxy;
    fastcgi_temp_path {prefix}/fastcgi;
    uwsgi_temp_path {prefix}/uwsgi;
    scgi_temp_path {prefix}/scgi;
    keepalive_requests 1000000000;
    server {{
        listen 127.0.0.1:{port};
        location = {path} {{ default_type application/json; return 200 '{summary}'; }}
    }}
}}
"""


class FloorServer(Program):
    """The lowest cost of serving with libmicrohttpd: one body, at the path of the summary."""

    def __init__(self, body):
        super().__init__()
        self._body = body
        self.port = None

    def command(self):
        (self.folder / "body").write_text(self._body)
        return [str(FLOOR / "serve"), str(self.folder / "body")]

    def is_ready(self):
        self.port = int(self.line())
        return True


class Nginx(Program):
    """nginx, which sends the same bytes from memory."""

    def __init__(self, summary):
        super().__init__()
        self._summary = summary
        self.port = free_port()

    def command(self):
        configuration = self.folder / "nginx.conf"
        configuration.write_text(
            CONFIGURATION.format(
                prefix=self.folder, port=self.port, path=PATH, summary=self._summary
            )
        )
        error_log = self.folder / "error.log"
        nginx = found("nginx", "nginx-light")
        return [nginx, "-p", str(self.folder), "-c", str(configuration), "-e", str(error_log)]

    def is_ready(self):
        return (self.folder / "pid").exists() and (self.folder / "pid").read_text() != ""


def ask(port, connections, seconds):
    """Requests the summary on all connections in a loop; returns the number of responses."""
    url = f"http://127.0.0.1:{port}{PATH}"
    text = subprocess.run(
        [found("wrk", "wrk"), "-t1", f"-c{connections}", f"-d{seconds:.0f}s", url],
        capture_output=True, text=True, check=True, timeout=seconds + 30,
    ).stdout  # fmt: skip
    if "Non-2xx" in text or "Socket errors" in text:
        raise SystemExit(f"wrk had errors:\n{text}")
    return int(re.search(r"(\d+) requests in", text)[1])

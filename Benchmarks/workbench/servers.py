"""Servers of one summary, the floor in C and nginx; and the client, wrk."""

import re
import subprocess

from workbench.farm import free_port
from workbench.program import Program, found
from workbench.pullers import FLOOR
from workbench.tls import make_certificates, nginx_directives

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
        listen 127.0.0.1:{port}{tls};
        {certificate}
        location = {path} {{ default_type application/json; return 200 '{summary}'; }}
    }}
}}
"""


class FloorServer(Program):
    """The lowest cost of serving with libmicrohttpd: one body, at the path of the summary."""

    def __init__(self, body, is_secure=False):
        super().__init__()
        self._body = body
        self.is_secure = is_secure
        self.port = None

    def command(self):
        (self.folder / "body").write_text(self._body)
        command = [str(FLOOR / "serve"), str(self.folder / "body")]
        if not self.is_secure:
            return command
        make_certificates(self.folder)
        return [*command, str(self.folder / "127.0.0.1.pem"), str(self.folder / "key")]

    def is_ready(self):
        self.port = int(self.line())
        return True


class Nginx(Program):
    """nginx, which sends the same bytes from memory."""

    def __init__(self, summary, is_secure=False):
        super().__init__()
        self._summary = summary
        self.is_secure = is_secure
        self.port = free_port()

    def command(self):
        if self.is_secure:
            make_certificates(self.folder)
        configuration = self.folder / "nginx.conf"
        configuration.write_text(
            CONFIGURATION.format(
                prefix=self.folder, port=self.port, path=PATH, summary=self._summary,
                tls=" ssl" if self.is_secure else "",
                certificate=nginx_directives(self.folder) if self.is_secure else "",
            )  # fmt: skip
        )
        error_log = self.folder / "error.log"
        nginx = found("nginx", "nginx-light")
        return [nginx, "-p", str(self.folder), "-c", str(configuration), "-e", str(error_log)]

    def is_ready(self):
        return (self.folder / "pid").exists() and (self.folder / "pid").read_text() != ""


def ask(server, connections, seconds):
    """Requests the summary on all connections in a loop.

    Returns the CPU time of the server in seconds and the number of responses.
    """
    url = f"http{'s' if server.is_secure else ''}://127.0.0.1:{server.port}{PATH}"
    before = server.cpu
    text = subprocess.run(
        [found("wrk", "wrk"), "-t1", f"-c{connections}", f"-d{seconds:.0f}s", url],
        capture_output=True, text=True, check=True, timeout=seconds + 30,
    ).stdout  # fmt: skip
    if "Non-2xx" in text or "Socket errors" in text:
        raise SystemExit(f"wrk had errors:\n{text}")
    return server.cpu - before, int(re.search(r"(\d+) requests in", text)[1])

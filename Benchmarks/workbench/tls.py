"""TLS on loopback addresses: certificates made by openssl, and connections that verify them."""

import http.client
import ssl
import subprocess

from workbench.program import found


def make_certificates(folder, addresses=("127.0.0.1",)):
    """Makes an authority and a certificate for each address, as in docs/tls.md.

    Writes `authority.pem`, `ADDRESS.pem`, and the `key` of all certificates to the folder. Each
    peer has a certificate of its own, because OpenSSL keeps it with each connection: with one
    certificate for 1,000 addresses, each connection of a puller needs 120 KiB more.
    """

    def openssl(*arguments):
        command = [found("openssl", "openssl"), *arguments]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)

    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout"]
    openssl(
        "req", "-x509", "-days", "2", "-subj", "/CN=authority", *key, "authority.key",
        "-out", "authority.pem",
    )  # fmt: skip
    openssl("req", "-new", "-subj", "/CN=peer", *key, "key", "-out", "request")
    for number, address in enumerate(addresses, 1):
        (folder / "extensions").write_text(
            f"subjectAltName=DNS:n{number}.nodes.example,DNS:nodes.example,IP:{address}\n"
            "extendedKeyUsage=serverAuth,clientAuth\n"
        )
        openssl(
            "x509", "-req", "-in", "request", "-CA", "authority.pem", "-CAkey", "authority.key",
            "-set_serial", str(number), "-days", "2", "-extfile", "extensions",
            "-out", f"{address}.pem",
        )  # fmt: skip


def nginx_directives(folder, address="127.0.0.1"):
    """The directives of nginx for the certificate of an address, which may be a variable."""
    certificate = f"ssl_certificate {folder}/{address}.pem; ssl_certificate_key {folder}/key;"
    # The versions of the node's listener.
    return f"{certificate} ssl_protocols TLSv1.2 TLSv1.3;"


def connection(address, port, timeout, authorities=None):
    """A new HTTP connection; over TLS if there is a file of authorities."""
    if authorities is None:
        return http.client.HTTPConnection(address, port, timeout=timeout)
    context = ssl.create_default_context(cafile=authorities)
    return http.client.HTTPSConnection(address, port, timeout=timeout, context=context)

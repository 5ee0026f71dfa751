"""Makes a certificate authority, and certificates of it for servers on loopback."""

from __future__ import annotations

import ssl
from pathlib import Path

import trustme


class Authority:
    """A certificate authority that nobody trusts yet; `ca_file` is what makes one trust it."""

    def __init__(self, folder: Path):
        self.ca_file = folder / "authority.pem"
        self._authority = trustme.CA()
        self._authority.cert_pem.write_to_path(str(self.ca_file))
        self._certificate = self._authority.issue_cert("127.0.0.1", "localhost")

    def server_context(self) -> ssl.SSLContext:
        """For a server that is 127.0.0.1 or localhost."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._certificate.configure_cert(context)
        return context

    def client_context(self) -> ssl.SSLContext:
        """For a client that trusts this authority and no other."""
        return ssl.create_default_context(cafile=str(self.ca_file))

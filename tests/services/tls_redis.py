"""A real Redis that speaks TLS alone, with a certificate of ``ctcollect friend ca``."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
import redis

from ctcollect.certificate_authority import CA_FILE, SERVER_FILE, SERVER_KEY_FILE, make_authority
from tests.services.redis import RedisServer


class TlsRedisServer(RedisServer):
    """``hosts`` and ``days`` are those of its certificate; ``authority`` is the folder with the CA."""

    def __init__(self, directory: Path, hosts: Sequence[str] = ("localhost", "127.0.0.1"), days: int = 30) -> None:
        super().__init__(directory)
        self.authority = directory / "tls"
        make_authority(self.authority, hosts, days)

    @property
    def url(self) -> str:
        return f"rediss://localhost:{self.port}/0"

    def command(self) -> list[str | Path]:
        """Debian's redis-server: the binaries on PyPI speak no TLS."""
        program = shutil.which("redis-server")
        if program is None:
            pytest.fail("redis-server is not installed: run `make services`", pytrace=False)
        _, *options = super().command()
        at = options.index("--port")
        options[at : at + 2] = ["--port", "0", "--tls-port", str(self.port), "--tls-auth-clients", "no"]
        files: list[str | Path] = [
            "--tls-cert-file",
            self.authority / SERVER_FILE,
            "--tls-key-file",
            self.authority / SERVER_KEY_FILE,
        ]
        return [program, *options, *files]

    def client(self) -> redis.Redis:
        """The certificate may be a wrong one: that is not this client's business."""
        return redis.Redis.from_url(self.url, ssl_cert_reqs="none")

    @property
    def ca(self) -> str:
        return str(self.authority / CA_FILE)

"""A real Redis (or Valkey) of the tests' own."""

import shutil
from pathlib import Path

import redis

from tests.services.programs import find_redis
from tests.services.server import Server


class RedisServer(Server):
    """Keeps its data in an append-only file: each write stands in the file before its answer is sent."""

    @property
    def url(self) -> str:
        """The address of database 0."""
        return f"redis://127.0.0.1:{self.port}/0"

    def command(self) -> list[str | Path]:
        """No configuration file: nothing of a system's own Redis comes in."""
        self.data_dir.mkdir(exist_ok=True)
        network = ["--bind", "127.0.0.1", "--port", str(self.port)]
        # With "everysec" a write is answered up to 2 s before it is in the file, while another is brought to the disk.
        data = ["--dir", str(self.data_dir), "--save", "", "--appendonly", "yes", "--appendfsync", "no"]
        return [find_redis(), *network, *data]

    def answers(self) -> bool:
        """Whether it says PONG; not yet while it reads its file."""
        with self.client() as client:
            try:
                return bool(client.ping())
            except redis.ConnectionError:
                return False

    def client(self) -> redis.Redis:
        """A new client; close it, best with ``with``."""
        return redis.Redis.from_url(self.url)

    def restart(self, keep_data: bool = True) -> None:
        """Stop and start, with what it held or empty."""
        self.stop()
        if not keep_data:
            shutil.rmtree(self.data_dir)
        self.start()

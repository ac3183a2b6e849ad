"""One name, one worker: two of a machine that had the same would be shown, counted and stopped as one."""

import fcntl
import os
import sys
from contextlib import suppress
from typing import Any
from zlib import crc32

from celery.signals import worker_init

from ctcollect.errors import CANT_BE_RIGHT, ConfigurationError
from ctcollect.lanes import LANES
from ctcollect.settings import Settings, load

LOCK_FILE = "workers.lock"


@worker_init.connect
def claim_own_name(sender: Any, **_: Any) -> None:
    """Of a worker with lanes; it ends with a line when another process has its name."""
    if set(LANES.lanes).isdisjoint(sender.app.amqp.queues.consume_from):
        return
    try:
        with suppress(OSError):  # no data folder, none that can be locked: then nobody can tell
            claim_name(sender.hostname, load())
    except ConfigurationError as error:
        print(f"ctcollect: {error}", file=sys.stderr)
        raise SystemExit(CANT_BE_RIGHT) from None


def claim_name(name: str, settings: Settings) -> None:
    """Take ``name`` until this process ends, however it ends; ConfigurationError when another one has it.

    One empty file serves all names: each locks a byte of its own, far behind the file's end.
    """
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(settings.data_dir / LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, crc32(name.encode()))
    except (BlockingIOError, PermissionError):
        os.close(descriptor)
        raise ConfigurationError(
            f"a worker named {name} runs on this machine already: for more of them use 'ctcollect worker --processes', "
            f"or give each a name of its own, as -n {name.partition('@')[0]}@%h-2"
        ) from None

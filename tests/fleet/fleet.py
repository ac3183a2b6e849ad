"""A fleet as its users start it: every part a process of its own, what is asked of it a command of the contract.

Only the beginning is made here, tables, logs and plans: as commands it would cost each fleet five seconds.
"""

from pathlib import Path
from typing import Any, Self

import orjson

from ctcollect.broker import Broker
from ctcollect.catalogue import read_log_list
from ctcollect.celery import app
from ctcollect.coordinator import planner
from ctcollect.coordinator.context import Context
from ctcollect.fleet.demo import HASTE
from ctcollect.local_log import LocalLog, LocalLogServer
from ctcollect.settings import load
from ctcollect.store import Store
from ctcollect.store.harvests import sighted_entries
from ctcollect.store.logs import put_logs
from ctcollect.store.status import status_document
from tests.coordinator.pipeline import migrate
from tests.services.processes import Process, ProcessGroup, wait_until
from tests.services.programs import find_program

COMMAND_SECONDS = 60
COLLECT_SECONDS = 90
# The document costs milliseconds, of which the fleet has better use.
LOOK_EVERY_SECONDS = 0.2


class Fleet:
    """A coordinator with beat and friends' workers in a ``with`` block; their output stands in ``folder``.

    ``variables`` are CTCOLLECT_ settings over the haste of the demo.
    """

    def __init__(self, folder: Path, broker_url: str, database_url: str, **variables: str) -> None:
        self.folder = folder
        self.store = Store(database_url)
        self.parts: dict[str, Process] = {}
        self._processes = ProcessGroup(folder)
        self._environment = {
            **HASTE,
            "CTCOLLECT_BROKER_URL": broker_url,
            "CTCOLLECT_DATABASE_URL": database_url,
            "CTCOLLECT_DATA_DIR": str(folder / "data"),
            **variables,
        }

    def __enter__(self) -> Self:
        migrate(self.store)
        return self

    def __exit__(self, *exception: Any) -> None:
        self._processes.__exit__(*exception)
        self.store.close()

    def command(self, *arguments: str) -> str:
        """What ``ctcollect ...`` prints, on both streams; AssertionError when it fails."""
        process = self._start("ctcollect", *arguments)
        assert process.wait(COMMAND_SECONDS) == 0, process.tail()
        return process.output()

    def start_coordinator(self, **variables: str) -> None:
        """The coordinator's worker and beat."""
        self._start_part("coordinator", "worker", "-Q", "results,control", "-n", "coordinator@%h", **variables)
        self._start_part("beat", "beat", **variables)

    def start_worker(self, friend: str, *queues: str, **variables: str) -> None:
        """The worker of a friend, as the friend types it."""
        self._start_part(friend, "worker", "-Q", ",".join(queues), "-n", f"{friend}@%h", **variables)

    def start_friend(self, friend: str, *options: str, **variables: str) -> None:
        """The same with ``ctcollect worker``, which becomes the worker's process."""
        self.parts[friend] = self._start("ctcollect", "worker", "--friend", friend, *options, **variables)

    def _start_part(self, name: str, *arguments: str, **variables: str) -> None:
        self.parts[name] = self._start("celery", "-A", "ctcollect", *arguments, **variables)

    def _start(self, program: str, *arguments: str, **variables: str) -> Process:
        return self._processes.start([find_program(program), *arguments], self._environment | variables, self.folder)

    def kill(self, name: str) -> None:
        """SIGKILL: a friend that is gone without a word."""
        self.parts.pop(name).kill()

    def want(self, server: LocalLogServer) -> None:
        """Import the logs of ``server`` and make all of them wanted."""
        self.import_logs(server)
        self.plan(*server.logs)

    def import_logs(self, server: LocalLogServer) -> None:
        """Make the logs of ``server`` known, from its log list."""
        with self.store.transaction() as session:
            put_logs(session, read_log_list(orjson.dumps(server.log_list())).logs)

    def plan(self, *names: str) -> None:
        """Make these logs wanted, from their first entry to their last."""
        context = Context(load(self._environment), self.store, Broker(app))  # planning asks the logs, not the broker
        for name in names:
            planner.plan(context, name, "full")

    def log(self, name: str) -> dict[str, Any]:
        """The log's element of the status document."""
        with self.store.reading() as session:
            return next(log for log in status_document(session)["logs"] if log["name"] == name)

    def is_running(self, friend: str) -> bool:
        """Whether the status document shows the friend's worker as running."""
        return any(worker["running"] for worker in self.workers() if worker["friend"] == friend)

    def workers(self) -> list[dict[str, Any]]:
        """The workers of the status document."""
        with self.store.reading() as session:
            return list(status_document(session)["workers"])

    def wait_for(self, name: str, figure: str, at_least: int, timeout_seconds: float = COLLECT_SECONDS) -> None:
        """Until a figure of a log's status is as large; AssertionError as soon as a part of the fleet ends."""

        def is_reached() -> bool:
            self.check()
            return bool(self.log(name)[figure] >= at_least)

        wait_until(is_reached, f"{figure} of {name} at {at_least}", timeout_seconds, LOOK_EVERY_SECONDS)

    def check(self) -> None:
        """AssertionError, with its last words, if a part has ended by itself."""
        for part in self.parts.values():
            assert part.returncode is None, part.tail()

    def sighted(self, name: str) -> set[int]:
        """The indices of a log at which the database holds a sighting."""
        with self.store.reading() as session:
            return {index for log_name, index in sighted_entries(session) if log_name == name}


def jp_indices(log: LocalLog) -> set[int]:
    """The entries of a generated log that hold a .jp name, known by construction."""
    return {index for index, truth in enumerate(log.truth) if truth.jp_names}

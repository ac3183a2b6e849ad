"""The coordinator's side of benchmarks/bench_recorder.py: servers, recorders, the page, and what each of them uses."""

import multiprocessing
import socket
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Self

from sqlalchemy import text

from benchmarks.common import cpu_seconds_of
from benchmarks.made_harvests import WORKERS, MadeLog
from benchmarks.made_workers import tell
from ctcollect.celery import app
from ctcollect.fleet import commands
from ctcollect.models import LeaseRow, LogRow
from ctcollect.ranges import RANGE_ENTRIES, Span, split_subranges
from ctcollect.store import Store, ledger, utc_now
from ctcollect.store.engine import insert_new, table_of
from tests.services.mariadb import MariadbServer
from tests.services.processes import Process, ProcessGroup, free_port, wait_until
from tests.services.redis import RedisServer

ROOT = Path(__file__).parents[1]
START_SECONDS = 60


class Used(NamedTuple):
    """What the logs' rows count, statements that MariaDB was asked, CPU seconds by part."""

    entries: int
    sightings: int
    registered: int
    statements: int
    cpu_seconds: Mapping[str, float]

    def since(self, earlier: "Used") -> "Used":
        """The difference."""
        cpu = {part: seconds - earlier.cpu_seconds[part] for part, seconds in self.cpu_seconds.items()}
        return Used(
            self.entries - earlier.entries,
            self.sightings - earlier.sightings,
            self.registered - earlier.registered,
            self.statements - earlier.statements,
            cpu,
        )


def make_wanted(store: Store, ends: Mapping[MadeLog, int]) -> None:
    """The logs with all of their ranges wanted, and every order out."""
    until = utc_now().replace(year=utc_now().year + 1)
    for log, end in ends.items():
        with store.transaction() as session:
            session.add(_log_row(log, end))
            session.flush()
            row = session.get_one(LogRow, log.log_id)
            ledger.want(session, row, Span(0, end), end)
            out = {"log_id": log.log_id, "queue": log.queue, "issued_at": utc_now(), "issued_until": until}
            leases = [
                out
                | {
                    "start_index": span.start,
                    "end_index": span.end,
                    "range_start": span.start - span.start % RANGE_ENTRIES,
                }
                for span in split_subranges(Span(0, end), log.subrange_entries)
            ]
            insert_new(session, table_of(LeaseRow), leases)


def _log_row(log: MadeLog, size: int) -> LogRow:
    return LogRow(
        log_id=log.log_id,
        name=log.name,
        operator=log.queue.capitalize(),
        queue=log.queue,
        kind="rfc6962",
        url=f"https://{log.name}.example/log/",
        key=b"key",
        tree_size=size,
        batch_entries=32,
        subrange_entries=log.subrange_entries,
    )


@dataclass
class Side:
    """Recorders as Celery workers, the page by gunicorn, 500 workers' heartbeats; ended with the block."""

    folder: Path
    redis: RedisServer
    mariadb: MariadbServer
    database_url: str
    recorders: int
    parts: dict[str, list[int]] = field(default_factory=dict)
    _stack: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> Self:
        self._processes = self._stack.enter_context(ProcessGroup(self.folder))
        with self._stack:
            self._start()
            self._stack = self._stack.pop_all()
        return self

    def _start(self) -> None:
        recorders = [self._recorder(number) for number in range(self.recorders)]
        self.port = free_port()
        page = self._processes.start(commands.web(self.port), self._environment(), ROOT)
        wait_until(self._page_answers, "the page")
        wait_until(lambda: len(app.control.ping()) == self.recorders, "the recorders", START_SECONDS)
        context = multiprocessing.get_context("spawn")
        workers = context.Process(target=tell, args=(self.redis.url, WORKERS), daemon=True)
        workers.start()
        self._stack.callback(workers.terminate)
        self.parts = {"recorder": [each.pid for each in recorders], "page": _family(page.pid)}
        self.parts |= {"MariaDB": [self.mariadb.pid], "Redis": [self.redis.pid]}

    def _environment(self) -> dict[str, str]:
        return {
            "CTCOLLECT_BROKER_URL": self.redis.url,
            "CTCOLLECT_DATABASE_URL": self.database_url,
            "CTCOLLECT_DATA_DIR": str(self.folder / "leaf-files"),
        }

    def __exit__(self, *exception: object) -> None:
        self._stack.close()

    def _recorder(self, number: int) -> Process:
        command = [part.replace("@%h", f"@%h-{number}") for part in commands.coordinator()]
        return self._processes.start(command, self._environment(), ROOT)

    def _page_answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def used(self, store: Store) -> Used:
        """By now, all recorders together."""
        with store.reading() as session:
            done = session.execute(text("SELECT SUM(entries_done), SUM(sightings) FROM logs")).one()
            registered = session.execute(text("SELECT SUM(registered) FROM daily_counts")).scalar_one()
            _, statements = session.execute(text("SHOW GLOBAL STATUS LIKE 'Questions'")).one()
        cpu = {name: sum(map(cpu_seconds_of, pids)) for name, pids in self.parts.items()}
        return Used(int(done[0] or 0), int(done[1] or 0), int(registered or 0), int(statements), cpu)


def _family(pid: int) -> list[int]:
    """A process and its children."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *map(int, children)]

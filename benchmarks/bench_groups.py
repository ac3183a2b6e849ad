"""What a .jp entry costs the coordinator, step by step, when harvests share a transaction in groups of several sizes.

    python -m benchmarks.bench_groups [--write] [--quick]

The recorder's own functions in this process, in one thread, on a MariaDB of its own; no broker, no Celery.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import orjson
from sqlalchemy import text

from benchmarks.common import cpu_seconds_of, machine_line, markdown_table
from benchmarks.growth import slope_sentence
from benchmarks.made_harvests import Maker, made_logs, spans, wanted
from benchmarks.program import run_as_program
from benchmarks.recorder_side import make_wanted
from ctcollect.broker import Broker
from ctcollect.celery import app
from ctcollect.coordinator import leaf_files
from ctcollect.coordinator.context import Context
from ctcollect.coordinator.entries import read_entries
from ctcollect.coordinator.harvest_checks import checked
from ctcollect.coordinator.recording import Piece, record_pieces
from ctcollect.coordinator.senders import sender_of
from ctcollect.routing import RESULTS
from ctcollect.settings import load
from ctcollect.store import Outcome, Reading, Store, schema, utc_now
from tests.services.mariadb import MariadbServer

MARKER = "bench_groups"
SIZES = (1, 4, 16, 64)
HARVESTS, WARM_UP = 640, 64
FRIENDS = 500
STEPS = ("checked", "read", "leaf files", "rows")
Result = TypeVar("Result")


@dataclass
class Meter:
    """CPU seconds of this process by step."""

    seconds: dict[str, float] = field(default_factory=lambda: dict.fromkeys(STEPS, 0.0))

    def of(self, step: str, work: Callable[[], Result]) -> Result:
        begun = time.process_time()
        try:
            return work()
        finally:
            self.seconds[step] += time.process_time() - begun


@dataclass
class Recording:
    """Groups of harvests on their way into the tables."""

    context: Context
    meter: Meter = field(default_factory=Meter)
    jp_entries: int = 0

    def record(self, group: Sequence[tuple[object, str]]) -> None:
        """In one transaction; all of it must be new."""
        with ExitStack() as stack:
            pieces = [self._piece(stack, document, worker) for document, worker in group]
            verdicts = self.meter.of("rows", lambda: record_pieces(self.context, pieces))
        assert all(isinstance(each, Outcome) and each.is_new for each in verdicts)

    def _piece(self, stack: ExitStack, document: object, worker: str) -> Piece:
        context, sender = self.context, sender_of(RESULTS, worker)
        harvest = self.meter.of("checked", lambda: checked(document))
        log = context.logs.row(context.store, harvest.log_id)
        found, unreadable = self.meter.of("read", lambda: read_entries(harvest.entries))
        self.jp_entries += len(found)
        writing = leaf_files.written(context.settings.data_dir, log, sender.worker, harvest, [harvest.span], found)
        files = self.meter.of("leaf files", lambda: stack.enter_context(writing))
        names = {span: file.relative for span, file in files.items()}
        who = (sender.worker, sender.friend)
        return Piece(sender, Reading(harvest, *who, [harvest.span], found, unreadable, names, utc_now()), files)


def run(folder: Path, is_quick: bool) -> str:
    """Every size on an empty database; the report as Markdown."""
    harvests = 2 * WARM_UP if is_quick else HARVESTS
    (folder / "mariadb").mkdir()
    with MariadbServer(folder / "mariadb") as server:
        costs = {size: measure(server, folder / f"data-{size}", size, harvests) for size in SIZES}
    rows = [(size, *(f"{each:.3f}" for each in cost[:-1]), f"{cost[-1]:.1f}") for size, cost in costs.items()]
    table = markdown_table(["harvests a group", *STEPS, "together", "MariaDB", "statements a harvest"], rows)
    a_group = [size * cost[STEPS.index("rows")] for size, cost in costs.items()]
    growth = slope_sentence("CPU seconds that the rows of a group cost", "its harvests", SIZES, a_group)
    return "\n\n".join([f"Measured on {machine_line()}.", "CPU milliseconds a .jp entry:", table, growth])


def measure(server: MariadbServer, data: Path, size: int, harvests: int) -> list[float]:
    """Milliseconds a .jp entry: by step, together, of MariaDB; then statements a harvest."""
    store = Store(server.create_database(f"groups_{size}"))
    schema.upgrade(store)
    context = Context(load({"CTCOLLECT_DATA_DIR": str(data)}), store, Broker(app))
    groups = made(store, size, WARM_UP + harvests)
    for group in islice(groups, WARM_UP // size):
        Recording(context).record(group)
    recording, before = Recording(context), server_use(server, store)
    for group in groups:
        recording.record(group)
    seconds, statements = (after - then for after, then in zip(server_use(server, store), before, strict=True))
    store.close()
    steps = list(recording.meter.seconds.values())
    a_jp_entry = [each / recording.jp_entries * 1000 for each in (*steps, sum(steps), seconds)]
    return [*a_jp_entry, statements / harvests]


def made(store: Store, size: int, harvests: int) -> Iterator[list[tuple[Any, str]]]:
    """Harvests as they are after Celery, with their workers' names, in groups; all of them are wanted."""
    logs = made_logs(seed=size)
    chosen = list(islice(spans(logs, 2**62), harvests))
    make_wanted(store, wanted(logs, sum(len(span) for _, span in chosen)))
    maker = Maker(size, logs)
    documents = [orjson.loads(orjson.dumps(maker.harvest(log, span).to_json())) for log, span in chosen]
    named = [(document, f"friend{number % FRIENDS}@host") for number, document in enumerate(documents)]
    return (named[at : at + size] for at in range(0, len(named), size))


def server_use(server: MariadbServer, store: Store) -> tuple[float, int]:
    """CPU seconds and statements so far."""
    with store.reading() as session:
        _, statements = session.execute(text("SHOW GLOBAL STATUS LIKE 'Questions'")).one()
    return cpu_seconds_of(server.pid), int(statements)


if __name__ == "__main__":
    run_as_program(__doc__, MARKER, run)

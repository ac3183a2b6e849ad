"""The recorder as a target of the fuzz benchmark: on SQLite, with a served log, fed by no broker."""

import logging
import tempfile
from contextlib import ExitStack
from pathlib import Path
from random import Random
from typing import Any, Self

import orjson

from benchmarks.mutations import broken_document, broken_text
from ctcollect.broker import Broker
from ctcollect.catalogue import read_log_list
from ctcollect.celery import app
from ctcollect.collect import Collector
from ctcollect.coordinator import planner, recorder
from ctcollect.coordinator.context import Context
from ctcollect.coordinator.verifier import disagreements
from ctcollect.errors import HarvestRefused
from ctcollect.harvest import Order, friend_of
from ctcollect.local_log import LocalLogServer
from ctcollect.settings import load
from ctcollect.store import Store, schema
from ctcollect.store import logs as log_store
from ctcollect.store.deliveries import discard_range
from ctcollect.store.ledger import issue
from ctcollect.store.trust import TRUSTED, set_trust

WORKERS = ("alice@fuzz", "bob@fuzz", "carol@fuzz")
LEASE_SECONDS = 3600
START_OVER_EVERY = 500
TRUST_AGAIN_EVERY = 5
ODD_WORKER_SHARE = 0.02


class LastWord(logging.Handler):
    """What the recorder said, at its worst, of the harvest that it has just read."""

    def __init__(self) -> None:
        super().__init__()
        self.forget()

    def forget(self) -> None:
        self.worst, self.text = logging.NOTSET, ""

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno > self.worst:
            self.worst, self.text = record.levelno, f"{record.getMessage()} {record.exc_info}"


class RecorderTarget:
    """``make`` draws (document, worker), ``record`` gives what came of it; good harvests come between the bad."""

    def __init__(self, server: LocalLogServer) -> None:
        self._server = server
        self._stack = ExitStack()
        self._count = 0
        self._last_word = LastWord()

    def __enter__(self) -> Self:
        folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="ctcollect-fuzz-")))
        variables = {
            "CTCOLLECT_DATABASE_URL": f"sqlite:///{folder}/ct.sqlite",
            "CTCOLLECT_DATA_DIR": str(folder / "data"),
            "CTCOLLECT_ALLOW_LOCAL_LOGS": "1",
            "CTCOLLECT_SECOND_OPINION_SHARE": "0.2",
        }
        settings = load(variables)
        store = Store(settings.database_url)
        self._stack.callback(store.close)
        schema.upgrade(store)
        self.context = Context(settings, store, Broker(app))
        self._prepare()
        said = logging.getLogger("ctcollect")
        said.propagate = False
        said.addHandler(self._last_word)
        return self

    def __exit__(self, *exception: object) -> None:
        self._stack.close()

    def _prepare(self) -> None:
        with self.context.store.transaction() as session:
            (name,) = log_store.put_logs(session, read_log_list(orjson.dumps(self._server.log_list())).logs)
        planner.plan(self.context, name, "full")
        with self.context.store.transaction() as session:
            issued = issue(session, "google", 10_000, LEASE_SECONDS)
        self.orders = [
            Order(
                log_id=each.log.log_id,
                name=each.log.name,
                url=each.log.url,
                kind=each.log.kind,
                queue=each.log.queue,
                start=each.span.start,
                end=each.span.end,
                batch_entries=each.log.batch_entries,
            )
            for each in issued
        ]
        collector = Collector(self.context.settings)
        self.documents = [harvest.to_json() for order in self.orders for harvest in collector.collect(order)]

    def make(self, draw: Random) -> tuple[Any, Any]:
        """Every tenth document is good; now and then the worker's name is not."""
        self._count += 1
        if self._count % START_OVER_EVERY == 0:
            self._start_over()
        if self._count % TRUST_AGAIN_EVERY == 0:
            self._trust_again()
        document = draw.choice(self.documents)
        worker: Any = draw.choice(WORKERS)
        if draw.random() < ODD_WORKER_SHARE:
            worker = broken_text(draw, worker)
        return (document if draw.random() < 0.1 else broken_document(draw, document)), worker

    def record(self, given: tuple[Any, Any]) -> None:
        """HarvestRefused for one that was set aside; AssertionError when the recorder did not expect what it met."""
        self._last_word.forget()
        recorder.record_or_set_aside(self.context, *given)
        if self._last_word.worst >= logging.ERROR:
            raise AssertionError(self._last_word.text)
        if self._last_word.worst == logging.WARNING:
            raise HarvestRefused(self._last_word.text)

    def _start_over(self) -> None:
        """Want everything again."""
        with self.context.store.transaction() as session:
            discard_range(session, self.orders[0].log_id, 0)

    def _trust_again(self) -> None:
        """Else nobody would be trusted any more, and every harvest refused for that alone."""
        with self.context.store.transaction() as session:
            for worker in WORKERS:
                set_trust(session, friend_of(worker), TRUSTED)

    def disagreements(self) -> list[str]:
        """What does not fit together in the tables and the leaf files."""
        with self.context.store.reading() as session:
            return list(disagreements(session, self.context.settings.data_dir))

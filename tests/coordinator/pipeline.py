"""The whole fleet in one process: served logs, a database, the coordinator's steps, one friend's collector.

Only the broker is a stand-in: orders wait in a list. The real one has tests of its own.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

from sqlalchemy import update

from ctcollect.broker import Broker
from ctcollect.catalogue import read_log_list
from ctcollect.collect import Collector
from ctcollect.coordinator import auditor, feeder, planner, recorder
from ctcollect.coordinator.context import Context
from ctcollect.errors import BrokerUnavailable
from ctcollect.harvest import Harvest, Order, friend_of
from ctcollect.local_log import LocalLog, LocalLogServer
from ctcollect.models import LeaseRow, LogRow, RangeRow, SecondOpinionRow
from ctcollect.ranges import Span
from ctcollect.settings import Settings, load
from ctcollect.store import Outcome, Store, ledger, schema, utc_now
from ctcollect.store import logs as log_store
from ctcollect.store.status import status_document

WORKER = "alice@here"
MANY = 10_000


@dataclass
class ListBroker:
    """Orders in a list. ``taken`` are with a worker; ``results`` is the depth of the queue of harvests.

    ``stopped`` are the friends who were asked to take no more, ``paused`` the logs that workers were told to leave.
    """

    orders: list[Order] = field(default_factory=list)
    taken: list[Order] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)
    paused: list[str] = field(default_factory=list)
    results: int = 0
    results_bytes: int = 0
    fails: bool = False

    def depth(self, queue: str) -> int:
        return self.results if queue == "results" else sum(order.queue == queue for order in self.orders)

    def size_bytes(self, queue: str) -> int:
        return self.results_bytes if queue == "results" else 0

    def memory(self) -> tuple[int, int | None]:
        return 2**20, None

    def send_orders(self, orders: Iterable[Order]) -> None:
        """The first one goes out even when the broker then fails."""
        for order in orders:
            self.orders.append(order)
            if self.fails:
                raise BrokerUnavailable("the broker does not answer")

    def stop_orders(self, friend: str) -> None:
        self.stopped.append(friend)

    def tell_paused(self, log_id: str, paused: bool, said_at: float) -> None:
        self.paused.append(log_id)

    def orders_on_their_way(self, queue: str) -> set[tuple[str, Span]]:
        return {(order.log_id, order.span) for order in self.orders + self.taken if order.queue == queue}


@dataclass
class Pipeline:
    """Each method is one step; ``collect_all`` is all of them until no range is open any more."""

    server: LocalLogServer
    context: Context
    broker: ListBroker
    collector: Collector

    @property
    def store(self) -> Store:
        return self.context.store

    def import_logs(self) -> list[str]:
        listed = read_log_list(json.dumps(self.server.log_list()))
        with self.store.transaction() as session:
            return log_store.put_logs(session, listed.logs)

    def log(self, name: str) -> LogRow:
        """The row of a log as it stands now."""
        with self.store.reading() as session:
            return log_store.log_named(session, name)

    def plan(self, *names: str, window: str = "full") -> None:
        """Plan these logs, or all that are served."""
        for name in names or tuple(self.server.logs):
            planner.plan(self.context, name, window)

    def feed(self) -> list[Order]:
        """What the feeder put into the queues, taken out by a worker."""
        feeder.feed(self.context)
        orders, self.broker.orders = self.broker.orders, []
        return orders

    def issue(self, queue: str = "google", count: int = MANY) -> list[Span]:
        """Lease what the ledger gives, past the feeder."""
        with self.store.transaction() as session:
            return [each.span for each in ledger.issue(session, queue, count, lease_seconds=600)]

    def collect(self, orders: Iterable[Order], worker: str = WORKER) -> list[Harvest]:
        """What this worker brings of the orders: nothing of those that it must avoid."""
        return [harvest for order in orders for harvest in self.collector.collect(order, friend_of(worker))]

    def record(self, harvests: Iterable[Harvest], worker: str = WORKER) -> list[Outcome]:
        """As the recorder gets them: through JSON."""
        return [recorder.record(self.context, through_json(harvest), worker) for harvest in harvests]

    def audit(self) -> int:
        return auditor.audit(self.context)

    def harvests(self) -> list[Harvest]:
        """Everything that is wanted now, collected but not recorded."""
        return self.collect(self.feed())

    def collect_all(self) -> None:
        while orders := self.feed():
            self.record(self.collect(orders))

    def expire_leases(self) -> None:
        """All that is out should have come back a second ago."""
        past = utc_now() - timedelta(seconds=1)
        with self.store.transaction() as session:
            for table in (LeaseRow, RangeRow, SecondOpinionRow):
                session.execute(update(table).where(table.issued_until.is_not(None)).values(issued_until=past))

    def status(self) -> dict[str, Any]:
        with self.store.reading() as session:
            return status_document(session)

    def states(self) -> dict[str, int]:
        with self.store.reading() as session:
            return ledger.range_states(session)


def settings_in(folder: Path, **variables: str) -> Settings:
    """A SQLite and a data folder in ``folder``, logs on loopback allowed, CTCOLLECT_ ``variables`` besides."""
    names = {"DATABASE_URL": f"sqlite:///{folder}/ct.sqlite", "DATA_DIR": str(folder / "data"), "ALLOW_LOCAL_LOGS": "1"}
    return load({f"CTCOLLECT_{name}": value for name, value in (names | variables).items()})


def through_json(harvest: Harvest) -> Any:
    """The document that arrives over the broker."""
    return json.loads(json.dumps(harvest.to_json()))


def migrate(store: Store) -> None:
    """A new SQLite file is copied from one that was migrated before: that takes a tenth of the time."""
    if store.is_sqlite:
        store.make_sqlite_folder()
        Path(str(store.url.database)).write_bytes(migrated())
    else:
        schema.upgrade(store)


@cache
def migrated() -> bytes:
    with TemporaryDirectory() as folder:
        store = Store(f"sqlite:///{folder}/ct.sqlite")
        schema.upgrade(store)
        store.close()
        return Path(folder, "ct.sqlite").read_bytes()


@contextmanager
def open_pipeline(settings: Settings, *logs: LocalLog, **options: Any) -> Iterator[Pipeline]:
    """Logs served with the options of LocalLogServer, a migrated database that knows them, nothing planned."""
    with LocalLogServer(logs, **options) as server:
        store = Store(settings.database_url)
        migrate(store)
        broker = ListBroker()
        pipeline = Pipeline(server, Context(settings, store, cast(Broker, broker)), broker, Collector(settings))
        pipeline.import_logs()
        yield pipeline
        store.close()

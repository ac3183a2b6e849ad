"""One friend's worker in a whole fleet, every part a process of its own: what each costs an entry."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from celery import Celery

from benchmarks.common import cpu_seconds_of
from ctcollect.broker import Broker
from ctcollect.catalogue import Log
from ctcollect.coordinator import planner
from ctcollect.coordinator.context import Context
from ctcollect.fleet import commands
from ctcollect.fleet.processes import Children
from ctcollect.fleet.redis_server import start_redis
from ctcollect.settings import load
from ctcollect.store import Store, schema
from ctcollect.store.logs import put_logs
from ctcollect.store.status import status_document

# Besides the default settings, which are what is measured.
LOCAL = {"CTCOLLECT_ALLOW_LOCAL_LOGS": "1"}
LOOK_SECONDS = 0.25
PATIENCE_SECONDS = 600.0


class Cost(NamedTuple):
    """What it took to collect ``entries``: ``cpu_seconds`` by part."""

    entries: int
    wall_seconds: float
    cpu_seconds: Mapping[str, float]

    def microseconds(self, *parts: str) -> float:
        """CPU microseconds an entry of these parts together; of all without any."""
        return sum(self.cpu_seconds[part] for part in parts or self.cpu_seconds) / self.entries * 1e6


@dataclass
class Fleet:
    """Redis, coordinator, beat and one friend's worker, in an empty folder; the coordinator's database is SQLite."""

    folder: Path
    log: Log

    def collect(self) -> Cost:
        """From the plan of the whole log until the last entry is done."""
        environment = LOCAL | {
            "CTCOLLECT_DATABASE_URL": f"sqlite:///{self.folder}/ct.sqlite",
            "CTCOLLECT_DATA_DIR": str(self.folder / "data"),
        }
        (self.folder / "data").mkdir(parents=True)
        with Children(self.folder / "output", environment) as children:
            environment["CTCOLLECT_BROKER_URL"] = start_redis(children, self.folder / "redis")
            return self._collect(children, environment)

    def _collect(self, children: Children, environment: Mapping[str, str]) -> Cost:
        settings = load(environment)
        app = coordinators_app(settings.broker_url)
        store = Store(settings.database_url)
        schema.upgrade(store)
        children.start("coordinator", commands.coordinator())
        children.start("beat", commands.beat())
        children.start("worker", commands.friend_worker("alice", [self.log.queue]))
        with store.transaction() as session:
            put_logs(session, [self.log])
        children.wait_until(lambda: len(app.control.ping(timeout=0.5) or ()) == 2, "the fleet", 60)
        before, started_at = cpu_seconds(children), time.monotonic()
        planner.plan(Context(settings, store, Broker(app)), self.log.name, "full")
        children.wait_until(lambda: is_done(store), "the collection", PATIENCE_SECONDS)
        wall, after, entries = time.monotonic() - started_at, cpu_seconds(children), totals(store)["done"]
        store.close()
        return Cost(entries, wall, {part: after[part] - before[part] for part in after})


def coordinators_app(broker_url: str) -> Celery:
    """An application of its own, for one keeps its connections to the broker that it has met first."""
    app = Celery("benchmark")
    app.config_from_object("celeryconfig")
    app.conf.broker_url = broker_url
    return app


def cpu_seconds(children: Children) -> dict[str, float]:
    return {child.name: cpu_seconds_of(child.process.pid) for child in children.children}


def is_done(store: Store) -> bool:
    time.sleep(LOOK_SECONDS)
    now = totals(store)
    return now["done"] == now["wanted"] > 0


def totals(store: Store) -> dict[str, int]:
    """Those of the status document."""
    with store.reading() as session:
        found: dict[str, int] = status_document(session)["totals"]
    return found

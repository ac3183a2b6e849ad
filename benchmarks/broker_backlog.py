"""How much the broker holds when nothing is recorded: workers deliver, the feeder feeds as long as it does."""

import multiprocessing
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.common import markdown_table
from benchmarks.fleet_run import coordinators_app
from ctcollect.broker import Broker
from ctcollect.catalogue import Log, read_log_list
from ctcollect.coordinator import feeder, planner
from ctcollect.coordinator.context import Context
from ctcollect.errors import BrokerUnavailable
from ctcollect.fleet import commands
from ctcollect.fleet.processes import Children
from ctcollect.fleet.redis_server import start_redis
from ctcollect.local_log import LocalLog, serve_forever
from ctcollect.routing import RESULTS
from ctcollect.settings import child_environment, load
from ctcollect.store import Store, schema
from ctcollect.store.logs import put_logs

MOST_BYTES = 64 * 2**20
WORKERS = 4
# A log an operator; the largest sub-ranges are Cloudflare's, of 16,384 entries.
LOGS = {"backlog-cloudflare": ("Cloudflare", 1024), "backlog-digicert": ("DigiCert", 256)}
MADE_ENTRIES, REPEATS = 8_192, 80
# As in the logs; as nowhere: each harvest is as large as a harvest may be.
JP_SHARES = {"0.5 % of the entries are .jp": 0.005, "every entry is .jp": 1.0}
FEED_EVERY_SECONDS, LOOK_SECONDS, STILL_SECONDS, PATIENCE_SECONDS = 1.0, 0.1, 8.0, 180.0


@dataclass(frozen=True)
class Backlog:
    """What had come together when nothing came any more."""

    peak_bytes: int
    waiting: int
    spooled: int


def _serve(list_file: Path, jp_share: float) -> None:
    made = LocalLog.generate("made", MADE_ENTRIES, 1, jp_share=jp_share, near_miss_share=0.0, odd_share=0.0)
    pairs = [(entry.leaf_input, entry.extra_data) for entry in made.entries] * REPEATS
    logs = [LocalLog.from_entries(name, pairs, 1, operator) for name, (operator, _) in LOGS.items()]
    serve_forever(logs, max_entries={name: limit for name, (_, limit) in LOGS.items()}, list_file=list_file)


@contextmanager
def served(folder: Path, jp_share: float) -> Iterator[list[Log]]:
    list_file = folder / "log_list.json"
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(list_file, jp_share))
    process.start()
    try:
        while not list_file.exists():
            if process.exitcode is not None:
                raise SystemExit("the local logs did not start")
            time.sleep(LOOK_SECONDS)
        yield list(read_log_list(list_file.read_bytes()).logs)
    finally:
        process.terminate()
        process.join()


def backlog(folder: Path, jp_share: float) -> Backlog:
    """Plan everything, feed and collect; the coordinator's worker does not run."""
    folder.mkdir()
    environment = {
        "CTCOLLECT_ALLOW_LOCAL_LOGS": "1",
        "CTCOLLECT_DATABASE_URL": f"sqlite:///{folder}/ct.sqlite",
        "CTCOLLECT_DATA_DIR": str(folder / "data"),
    }
    with served(folder, jp_share) as logs, Children(folder / "output", environment) as children:
        environment["CTCOLLECT_BROKER_URL"] = start_redis(children, folder / "redis")
        context = planned(environment, logs)
        start_workers(children, folder, [log.queue for log in logs])
        peak = feed_until_still(context, children)
        spooled = sum(1 for _ in folder.glob("spool-*/spool/*.json.zst"))
        found = Backlog(peak, context.broker.depth(RESULTS), spooled)
        context.store.close()
    return found


def planned(environment: Mapping[str, str], logs: list[Log]) -> Context:
    """A coordinator's context in which all of the logs is wanted."""
    settings = load(child_environment(environment))
    store = Store(settings.database_url)
    schema.upgrade(store)
    with store.transaction() as session:
        put_logs(session, logs)
    context = Context(settings, store, Broker(coordinators_app(settings.broker_url)))
    for log in logs:
        planner.plan(context, log.name, "full")
    return context


def start_workers(children: Children, folder: Path, queues: list[str]) -> None:
    """Each of a friend of its own, with a spool of its own."""
    for number in range(WORKERS):
        own = {"CTCOLLECT_DATA_DIR": str(folder / f"spool-{number}")}
        children.start(f"friend{number}", commands.friend_worker(f"friend{number}", queues), own)


def feed_until_still(context: Context, children: Children) -> int:
    """Feed as beat does until nothing is delivered any more; the most memory that Redis had at a time, in bytes."""
    still_since, last, fed_at = time.monotonic(), None, 0.0
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() - still_since < STILL_SECONDS and time.monotonic() < deadline:
        children.check()
        if time.monotonic() - fed_at > FEED_EVERY_SECONDS:
            feed(context)
            fed_at = time.monotonic()
        present = (context.broker.depth(RESULTS), *(context.broker.depth(queue) for queue in queue_names()))
        if present != last or not present[0]:
            last, still_since = present, time.monotonic()
        time.sleep(LOOK_SECONDS)
    return peak_bytes(context)


def feed(context: Context) -> None:
    with suppress(BrokerUnavailable):  # beat comes again as well
        feeder.feed(context)


def queue_names() -> list[str]:
    return [operator.lower() for operator, _ in LOGS.values()]


def peak_bytes(context: Context) -> int:
    with context.broker.client() as client:
        told: dict[str, Any] = client.info("memory")
    return int(told["used_memory_peak"])


def backlog_table(folder: Path) -> str:
    """Harvests as they are, and as large as they may be."""
    rows = []
    for number, (what, share) in enumerate(JP_SHARES.items()):
        found = backlog(folder / f"backlog-{number}", share)
        peak = f"{found.peak_bytes / 2**20:.1f} MB"
        rows.append((what, peak, f"{MOST_BYTES / 2**20:.0f} MB", f"{found.waiting:,}", f"{found.spooled:,}"))
    head = ["the recorder stands still", "Redis at its peak", "at most", "harvests in the broker", "in the spools"]
    return markdown_table(head, rows)

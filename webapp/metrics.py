"""``/metrics``: the collection's figures in Prometheus' text format. docs/monitoring.md says how to use them.

Read from the database, so that they are the same whichever process answers, and nothing else:
what Python's client library would add of its own process is left out.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, current_app
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector

from ctcollect import __version__
from ctcollect.errors import StoreUnavailable
from ctcollect.store.queue_depths import Depths, queue_depths
from ctcollect.store.status import status_document
from ctcollect.store.traffic import NOTHING, Traffic, false_deliveries, head_times, orders_out, traffic
from webapp.figures import FRESH_SECONDS, shared_answer

metrics = Blueprint("metrics", __name__)

LOG, QUEUE, WORKER = ("log", "queue"), ("queue",), ("worker", "friend")
# (metric, field of the status document, help); a field that is None, for what nobody can tell, is left out.
OF_LOGS = (
    ("wanted_entries", "wanted", "Entries that are wanted of the log."),
    ("out_entries", "out", "Entries that are with friends' workers, or in a queue for them."),
    ("done_entries", "done", "Entries read and recorded."),
    ("verified_entries", "verified", "Entries proven complete against the log's signature."),
    ("malformed_entries", "malformed", "Entries that nobody can read."),
    ("tree_entries", "tree_size", "Entries of the log's newest verified tree head."),
    ("certificates", "certificates", "Certificates under .jp seen in the log."),
    ("sightings", "sightings", "Entries of the log that hold a certificate under .jp."),
    ("remaining_seconds", "eta_seconds", "How long the rest takes at the present speed."),
    ("reachable", "reachable", "1 when the log answered the last time it was asked."),
    ("unobtainable", "unobtainable", "1 when the log has not answered for a long time."),
    ("paused", "paused", "1 when the log is paused."),
    ("enabled", "enabled", "1 unless the log is switched off."),
)
OF_ALL = (
    ("certificates", "certificates", "Certificates under .jp in the collection, each counted once."),
    ("open_ranges", "open_ranges", "Ranges that are not full yet."),
    ("refused_harvests", "refused_harvests", "Harvests that were set aside, with a reason, and are kept."),
    ("remaining_seconds", "eta_seconds", "How long the rest of all logs takes at the present speed."),
)
OF_WORKERS = (
    ("entries", "entries", "Entries that the worker has brought."),
    ("jp_entries", "certificates", "Entries under .jp among them."),
)
OF_TRAFFIC = (
    ("requests", "Requests to logs."),
    ("refused_requests", "Requests that logs refused as too many."),
    ("received_bytes", "Bytes received from logs."),
)


@dataclass(frozen=True, slots=True)
class Figures:
    """What one scrape reads."""

    status: dict[str, Any]
    by_worker: dict[str, Traffic]
    by_queue: dict[str, Traffic]
    orders_out: dict[str, int]
    false_deliveries: dict[str, int]
    head_times: dict[str, float]
    depths: Depths


def read_figures(session: Any) -> Figures:
    """As shared_answer() asks for it."""
    by_worker, by_queue = traffic(session)
    heads, false = head_times(session), false_deliveries(session)
    status, out, depths = status_document(session), orders_out(session), queue_depths(session)
    return Figures(status, by_worker, by_queue, out, false, heads, depths)


@metrics.get("/metrics")
def scrape() -> Response:
    """200 also while the database is away: ``ctcollect_up`` is 0 then, and there is nothing else."""
    registry = CollectorRegistry()
    try:
        registry.register(Exposition(shared_answer(FRESH_SECONDS, read_figures)))
    except StoreUnavailable as error:
        current_app.logger.warning("%s", error)
        registry.register(Exposition(None))
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)


class Exposition(Collector):
    """The figures as Prometheus takes them; None while the database is away."""

    def __init__(self, figures: Figures | None) -> None:
        self.figures = figures

    def collect(self) -> Iterator[Metric]:
        yield _gauge("up", "1 when the database answers.", (), [((), self.figures is not None)])
        info = InfoMetricFamily("ctcollect_build", "The version of the program.")
        info.add_metric([], {"version": __version__})
        yield info
        if self.figures:
            yield from _all_together(self.figures.status)
            yield from _logs(self.figures)
            yield from _workers(self.figures)
            yield from _queues(self.figures)


def _all_together(status: dict[str, Any]) -> Iterator[Metric]:
    for name, field, text in OF_ALL:
        yield _gauge(name, text, (), [((), status["totals"][field])])
    states = ((state, status["second_opinions"][state]) for state in ("wanted", "out", "agreed", "disagreed"))
    text = "Spans that a second friend reads as well, to compare."
    yield _gauge("second_opinions", text, ("state",), [((state,), count) for state, count in states])


def _logs(figures: Figures) -> Iterator[Metric]:
    logs = figures.status["logs"]
    for name, field, text in OF_LOGS:
        yield _gauge(f"log_{name}", text, LOG, [(_of(log), log[field]) for log in logs])
    text = "When the newest verified tree head was signed."
    heads = [(_of(log), figures.head_times.get(log["name"])) for log in logs]
    yield _gauge("log_head_timestamp_seconds", text, LOG, heads)


def _of(log: dict[str, Any]) -> tuple[str, str]:
    return log["name"], log["queue"]


def _workers(figures: Figures) -> Iterator[Metric]:
    workers = {(worker["name"], worker["friend"]): worker for worker in figures.status["workers"]}
    yield _gauge("worker_running", "1 while the worker runs.", WORKER, [(k, w["running"]) for k, w in workers.items()])
    seen = [(key, datetime.fromisoformat(worker["last_seen"]).timestamp()) for key, worker in workers.items()]
    yield _gauge("worker_last_seen_timestamp_seconds", "When something was last heard of it.", WORKER, seen)
    false = [(key, figures.false_deliveries.get(key[0], 0)) for key in workers]
    yield _gauge("worker_false_deliveries", "Deliveries of the worker that an audit proved false.", WORKER, false)
    for name, field, text in OF_WORKERS:
        yield _counter(f"worker_{name}", text, WORKER, [(key, worker[field]) for key, worker in workers.items()])
    yield from _traffic("worker", WORKER, {key: figures.by_worker.get(key[0], NOTHING) for key in workers})
    info = InfoMetricFamily("ctcollect_worker", "Version and trust.", labels=WORKER)
    for key, worker in workers.items():
        info.add_metric(key, {"version": worker["version"], "trust": worker["trust"]})
    yield info


def _queues(figures: Figures) -> Iterator[Metric]:
    out = [((queue,), count) for queue, count in figures.orders_out.items()]
    yield _gauge("queue_orders_out", "Sub-ranges in the broker and in workers' hands.", QUEUE, out)
    waiting = [((queue,), count) for queue, count in figures.depths.orders.items()]
    yield _gauge("queue_orders_waiting", "Sub-ranges in the broker that no worker has taken yet.", QUEUE, waiting)
    yield _gauge(
        "harvests_waiting", "Harvests in the broker that wait to be recorded.", (), [((), figures.depths.harvests)]
    )
    yield from _traffic("queue", QUEUE, {(queue,): asked for queue, asked in figures.by_queue.items()})


def _traffic(whose: str, labels: tuple[str, ...], asked: dict[Any, Traffic]) -> Iterator[Metric]:
    for (name, text), field in zip(OF_TRAFFIC, ("requests", "refused", "received_bytes"), strict=True):
        yield _counter(f"{whose}_{name}", text, labels, [(key, getattr(each, field)) for key, each in asked.items()])


Sample = tuple[tuple[str, ...], float | None]


def _gauge(name: str, text: str, labels: tuple[str, ...], samples: Iterable[Sample]) -> Metric:
    """None is left out: what is not known is not 0."""
    family = GaugeMetricFamily(f"ctcollect_{name}", text, labels=labels)
    for values, value in samples:
        if value is not None:
            family.add_metric(values, float(value))
    return family


def _counter(name: str, text: str, labels: tuple[str, ...], samples: Iterable[tuple[tuple[str, ...], float]]) -> Metric:
    """``_total`` is added to the name."""
    family = CounterMetricFamily(f"ctcollect_{name}", text, labels=labels)
    for values, value in samples:
        family.add_metric(values, float(value))
    return family

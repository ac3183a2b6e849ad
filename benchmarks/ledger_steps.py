"""What the coordinator and the page do with a ledger, each step in a process of its own: for bench_ledger.py.

    python -m benchmarks.ledger_steps STEP

on the database and the broker of the environment. Prints {"what": seconds, ...} as JSON.
"""

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import select

from ctcollect.catalogue import queues
from ctcollect.coordinator import feeder
from ctcollect.coordinator.context import context
from ctcollect.models import LogRow
from ctcollect.store import audits
from ctcollect.store.status import status_document
from webapp import create_app

ROUNDS = 5
AUDITS_AT_ONCE = 200
Times = dict[str, float]


@contextmanager
def timed(times: Times, what: str) -> Iterator[None]:
    """The best of several times under one name counts."""
    started = time.perf_counter()
    yield
    times[what] = min(time.perf_counter() - started, times.get(what, float("inf")))


def feed(times: Times) -> None:
    """Ticks of the feeder: into full queues, and into empty ones while all that went out before is still out."""
    feeder.feed(context())  # connections are made
    for _ in range(ROUNDS):
        with timed(times, "full queues"):
            feeder.feed(context())
    for _ in range(ROUNDS):
        _empty_queues()
        with timed(times, "empty queues"):
            feeder.feed(context())


def expire(times: Times) -> None:
    """One tick that finds every lease run out and its order lost, and issues it again."""
    context().broker.depth(queues()[0])
    with timed(times, "every lease run out"):
        feeder.feed(context())


def audit(times: Times) -> None:
    """Choosing what is to be audited."""
    for _ in range(ROUNDS):
        with context().store.reading() as session, timed(times, "chosen"):
            audits.due_audits(session, AUDITS_AT_ONCE)


def status(times: Times) -> None:
    for _ in range(ROUNDS):
        with context().store.reading() as session, timed(times, "document"):
            status_document(session)


def pages(times: Times) -> None:
    """The first answer of each page, nothing computed before but what all pages share."""
    for what, path in {"status": "/api/v1/status", "overview": "/", "logs": "/logs", "a log": _largest_log()}.items():
        with create_app().test_client() as client:
            client.get("/healthz")
            with timed(times, what):
                answer = client.get(path)
            assert answer.status_code == 200, answer.text


def _largest_log() -> str:
    with context().store.reading() as session:
        return f"/logs/{session.scalar(select(LogRow.name).order_by(LogRow.tree_size.desc()).limit(1))}"


def _empty_queues() -> None:
    with context().broker.client() as client:
        client.delete(*queues())


STEPS: dict[str, Callable[[Times], Any]] = {each.__name__: each for each in (feed, expire, audit, status, pages)}


def main() -> None:
    times: Times = {}
    STEPS[sys.argv[1]](times)
    print(json.dumps(times))


if __name__ == "__main__":
    main()

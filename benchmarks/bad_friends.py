"""Friends' workers that go wrong, for the chaos benchmark. The name before the @ says how:

    celery -A benchmarks.bad_friends worker -Q google -n forger@%h

``forger`` changes leaves before it hashes them, so that all its proofs fit each other. ``omitter`` keeps every second
.jp entry back. ``babbler`` sends what is no harvest, or not the one that it was asked for. Each counts what it fetches,
so that the benchmark can tell its requests from those of the others.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from functools import cache
from typing import Any

from celery.signals import celeryd_init

from ctcollect import readers
from ctcollect.celery import app
from ctcollect.collect import Collector
from ctcollect.courier import Courier
from ctcollect.harvest import Harvest, Order, friend_of
from ctcollect.protocol.rfc6962 import GetEntries
from ctcollect.readers.rfc6962 import Rfc6962Reader
from ctcollect.routing import RECORD_TASK, RESULTS
from ctcollect.settings import load
from ctcollect.worker import STOP, spool
from tasks import fetch

__all__ = ["app"]

FETCHED_FILE = "fetched"
FORGED_SHARE = 0.3
SPAN = ("order_start", "order_end", "start", "end")
HUGE_NUMBERS = (2**31, 2**53, 2**63, 2**64, 10**30, -1)


class CountingReader(Rfc6962Reader):
    """Adds a byte to a file for each entry that it gets."""

    def entries(self, start: int, end: int) -> GetEntries:
        answer = super().entries(start, end)
        with (load().data_dir / FETCHED_FILE).open("ab") as file:
            file.write(b"." * len(answer.leaf_inputs))
        return answer


class ForgingReader(CountingReader):
    """Alters the letter before ".jp" in some answers: other names in leaves that else are as they were."""

    def entries(self, start: int, end: int) -> GetEntries:
        answer = super().entries(start, end)
        if random.random() < FORGED_SHARE:
            answer.leaf_inputs = [forged(leaf) for leaf in answer.leaf_inputs]
        return answer


def forged(leaf_input: bytes) -> bytes:
    """The leaf with another letter before its first ".jp", if it has one."""
    before, mark, after = leaf_input.partition(b".jp")
    return before[:-1] + bytes([before[-1] ^ 1]) + mark + after if mark else leaf_input


class OmittingCollector(Collector):
    """Collects honestly and hands in half of it."""

    def collect(self, order: Order, friend: str = "", is_redelivered: bool = False) -> Iterator[Harvest]:
        for harvest in super().collect(order, friend, is_redelivered):
            yield replace(harvest, entries=harvest.entries[1::2])


class Babbler(Courier):
    """Delivers garbage in the place of each harvest."""

    def send(self, harvest: Harvest, worker: str) -> None:
        spoil = random.choice([some_json, incomplete, cut_off, of_another_span, with_a_huge_number])
        app.send_task(RECORD_TASK, args=[spoil(harvest.to_json()), worker], queue=RESULTS)


def some_json(document: dict[str, Any]) -> Any:
    return random.choice([None, True, 7, 1e300, "", "harvest", [], [document], {}, {"version": 1}, {"a": {"b": [0]}}])


def incomplete(document: dict[str, Any]) -> dict[str, Any]:
    """One member is missing, or is something else."""
    name = random.choice(list(document))
    return {key: value for key, value in document.items() if key != name} | random.choice([{}, {name: [name]}])


def cut_off(document: dict[str, Any]) -> dict[str, Any]:
    """A text of it ends too early, as the half of the roots or of the packed entries."""
    name = random.choice(["unit_roots", "entries", "first_leaf_hash", "log_id"])
    return document | {name: document[name][: len(document[name]) // 2]}


def of_another_span(document: dict[str, Any]) -> dict[str, Any]:
    shift = random.choice([1, 32, 1024, 2**17])
    return document | {name: document[name] + shift for name in random.choice([("start",), ("end",), SPAN])}


def with_a_huge_number(document: dict[str, Any]) -> dict[str, Any]:
    numbers = [each.name for each in fields(Harvest) if each.type is int]
    return document | {random.choice(numbers): random.choice(HUGE_NUMBERS)}


def read_with(reader: type[Rfc6962Reader]) -> None:
    setattr(readers, "Rfc6962Reader", reader)  # noqa: B010 (mypy takes it for a constant)


def forge() -> None:
    read_with(ForgingReader)


def omit() -> None:
    read_with(CountingReader)
    fetch.collector = cache(lambda: OmittingCollector(load(), STOP))


def babble() -> None:
    read_with(CountingReader)
    fetch.courier = cache(lambda: Babbler(lambda *_: None, spool(), STOP))


WAYS: dict[str, Callable[[], None]] = {"forger": forge, "omitter": omit, "babbler": babble}


@celeryd_init.connect
def go_wrong(sender: str, **_: Any) -> None:
    """``sender`` is the worker's name."""
    load().data_dir.mkdir(parents=True, exist_ok=True)
    WAYS[friend_of(sender)]()

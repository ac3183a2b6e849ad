"""The ledger under disorder: whatever is lost, doubled, late or forged, the same tables come of it in the end."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ctcollect.coordinator.verifier import disagreements
from ctcollect.harvest import Harvest, Order
from ctcollect.local_log import LocalLog
from tests.coordinator.conftest import OpenPipeline, on_sqlite
from tests.coordinator.copies import Start
from tests.coordinator.friends import (
    ALICE,
    BOB,
    Friend,
    first_units,
    forging,
    plan_small,
    present,
    send,
    with_share,
    work_on,
)
from tests.coordinator.pipeline import Pipeline
from tests.coordinator.tables import Tables, content
from tests.coordinator.truth import holds_the_truth, leaf_files_hold_the_sightings

ACTIONS = (
    "feed",
    "take",
    "take",
    "take again",
    "lose order",
    "bring",
    "bring",
    "bring again",
    "lose",
    "expire",
    "audit",
)


@dataclass
class Disorder:
    """``orders`` are in the queue or with a worker, ``mail`` is on its way to the recorder."""

    pipeline: Pipeline
    friends: tuple[Friend, ...]
    orders: list[Order] = field(default_factory=list)
    mail: list[tuple[Harvest, str]] = field(default_factory=list)

    def do(self, action: str, which: int, how: int) -> None:
        """One event; an action on an order or a harvest takes the ``which``-th there is, if there is any."""
        if action == "feed":
            self.orders += self.pipeline.feed()
        elif action == "expire":
            self.pipeline.expire_leases()
        elif action == "audit":
            self.pipeline.audit()
        elif action.endswith("order") or action.startswith("take"):
            self._move_order(action, which, how)
        elif self.mail:
            self._move_mail(action, which)

    def _move_order(self, action: str, which: int, how: int) -> None:
        if not self.orders:
            return
        at = which % len(self.orders)
        order = self.orders[at] if action == "take again" else self.orders.pop(at)
        if action != "lose order":
            friend = self.friends[how % len(self.friends)]
            for harvest in friend.collect(self.pipeline, order):
                pieces = cut(harvest) if how % 2 else [harvest]
                self.mail += [(piece, friend.worker) for piece in pieces]

    def _move_mail(self, action: str, which: int) -> None:
        at = which % len(self.mail)
        harvest, worker = self.mail[at] if action == "bring again" else self.mail.pop(at)
        if action != "lose":
            send(self.pipeline, harvest, worker)


def cut(harvest: Harvest) -> list[Harvest]:
    """What a worker sends that was stopped after the first unit, and what another one sends that was not."""
    return [first_units(harvest, 1, last=True), harvest] if len(harvest.span) > 32 else [harvest]


@pytest.fixture
def start(open_fleet: OpenPipeline, small_log: LocalLog, tmp_path: Path) -> Start:
    pipeline = with_share(open_fleet(small_log), 0.3)
    plan_small(pipeline)
    pipeline.store.close()
    return Start(pipeline, tmp_path)


@on_sqlite
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(ACTIONS), st.integers(0, 999), st.integers(0, 999)), min_size=8, max_size=50))
def test_the_truth_comes_of_any_disorder(
    start: Start, small_log: LocalLog, small_content: Tables, events: list[tuple[str, int, int]]
) -> None:
    """Orders and harvests lost, doubled, cut and shuffled, leases that run out, audits at any time, a forger among
    three friends who does what it was told to leave to others: then two work on, and the truth comes of it."""
    mallory = Friend("mallory", forging(small_log), obeys=False)
    with start.copy() as pipeline:
        present(pipeline, ALICE, BOB, mallory)
        disorder = Disorder(pipeline, (ALICE, BOB, mallory))
        for event in events:
            disorder.do(*event)
        work_on(pipeline, ALICE, mallory, BOB)
        for harvest, worker in disorder.mail:
            send(pipeline, harvest, worker)
        work_on(pipeline, ALICE, BOB)
        assert content(pipeline.store) == small_content
        holds_the_truth(pipeline, small_log)
        leaf_files_hold_the_sightings(pipeline, small_log)
        with pipeline.store.reading() as session:
            assert list(disagreements(session, pipeline.context.settings.data_dir)) == []

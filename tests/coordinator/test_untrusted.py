"""Friends who send garbage, do nothing, or come back though nobody trusts them any more."""

from typing import Any

import pytest

from ctcollect.coordinator import recorder
from ctcollect.coordinator.distrust import condemn
from ctcollect.harvest import PROTOCOL_VERSION
from ctcollect.local_log import LocalLog
from ctcollect.store import ledger, trust
from ctcollect.store.ledger import OPEN_TO_ALL_EVERY
from tests.coordinator.conftest import OpenPipeline, on_sqlite
from tests.coordinator.friends import (
    ALICE,
    BOB,
    CAROL,
    avoided,
    delivered,
    plan_small,
    present,
    refusals,
    send,
    trust_in,
    with_share,
)
from tests.coordinator.pipeline import Pipeline

pytestmark = on_sqlite


# Beside three good deliveries of another friend nobody does that by chance.
SO_OFTEN = 10


@pytest.fixture
def pipeline(open_fleet: OpenPipeline, small_log: LocalLog) -> Pipeline:
    """The small log in seven sub-ranges; two friends run."""
    pipeline = with_share(open_fleet(small_log), 0.0)
    plan_small(pipeline)
    present(pipeline, ALICE, BOB)
    return pipeline


def bob_sends(pipeline: Pipeline, document: Any) -> None:
    """More often than any friend may send what is false."""
    for _ in range(SO_OFTEN):
        recorder.record_or_set_aside(pipeline.context, document, BOB.worker)


GARBAGE: dict[str, dict[str, Any]] = {
    "no roots": {"unit_roots": ""},
    "a span that is none": {"end": 1},
    "a number beyond belief": {"requests": 2**70},
}


@pytest.mark.parametrize("change", GARBAGE.values(), ids=GARBAGE)
def test_who_sends_garbage_again_and_again_is_not_trusted(pipeline: Pipeline, change: dict[str, Any]) -> None:
    """He is asked to take no more orders; else each one that he takes waits for the end of its lease."""
    orders = pipeline.feed()
    for order in orders[:3]:
        ALICE.bring(pipeline, order)
    harvest = pipeline.collect(orders[3:4])[0].to_json()
    bob_sends(pipeline, harvest | change)
    assert (trust_in(pipeline, BOB), trust_in(pipeline, ALICE)) == ("untrusted", "trusted")
    assert pipeline.broker.stopped == ["bob"]


def test_one_who_is_out_does_not_cover_for_another(pipeline: Pipeline) -> None:
    """However much garbage came from a friend, the next false one is measured by those who are still trusted."""
    for order in pipeline.feed()[:4]:
        ALICE.bring(pipeline, order)
    for _ in range(10):
        bob_sends(pipeline, None)
    present(pipeline, CAROL)
    with pipeline.store.transaction() as session:
        trust.count_false_deliveries(session, {CAROL.worker: SO_OFTEN})
        assert trust.reassess(session, [CAROL.name]) == [CAROL.name]


def test_what_is_late_or_of_another_version_is_no_garbage(pipeline: Pipeline) -> None:
    """It is refused, and the friend's trust stays."""
    harvest = pipeline.harvests()[0].to_json()
    bob_sends(pipeline, harvest | {"version": PROTOCOL_VERSION + 1})
    bob_sends(pipeline, harvest | {"log_id": "ab" * 32})
    assert len(refusals(pipeline)) == 2 * SO_OFTEN
    assert trust_in(pipeline, BOB) == "trusted"


def test_a_range_is_not_left_for_ever_to_one_who_never_does_it(pipeline: Pipeline, small_log: LocalLog) -> None:
    """Now and then an order may be done by those who should rather not do it: they may be the only ones who will."""
    log_id = pipeline.log(small_log.name).log_id
    with pipeline.store.transaction() as session:
        ledger.avoid(session, log_id, 0, ALICE.name)
    turns = []
    for _ in range(2 * OPEN_TO_ALL_EVERY):
        orders = pipeline.feed()
        turns.append(bool(avoided(orders, ALICE)))
        with pipeline.store.transaction() as session:
            ledger.end_leases(session, [(order.log_id, order.span) for order in orders])
    assert turns == [*[True] * (OPEN_TO_ALL_EVERY - 1), False] * 2


def test_a_worker_that_was_started_again_is_stopped_again(pipeline: Pipeline) -> None:
    """Every audit asks the workers of an untrusted friend, and of nobody else, to take no more orders."""
    ALICE.bring(pipeline, pipeline.feed()[0])
    condemn(pipeline.context, ALICE.name, "kept something back")
    for audits in (1, 2, 3):
        assert pipeline.broker.stopped == [ALICE.name] * audits
        pipeline.audit()


def test_who_is_trusted_again_is_recorded_at_once(pipeline: Pipeline) -> None:
    """Refusals are not remembered longer than they hold."""
    first, second, *_ = pipeline.harvests()
    for level, refused in ((trust.UNTRUSTED, 2), (trust.TRUSTED, 2)):
        with pipeline.store.transaction() as session:
            trust.set_trust(session, BOB.name, level)
        for harvest in (first, second):
            send(pipeline, harvest, BOB.worker)
        assert len(refusals(pipeline)) == refused
    assert list(delivered(pipeline)) == [first.span, second.span]

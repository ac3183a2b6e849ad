"""Orders for second opinions: they go to another friend or to nobody, and stay wanted until all is compared."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import update

from ctcollect.errors import LogUnavailable
from ctcollect.local_log import LocalLog
from ctcollect.models import LogRow
from ctcollect.ranges import UNIT_ENTRIES, Span
from ctcollect.store import trust
from tests.coordinator.checking import checks, collected_by, in_pieces
from tests.coordinator.conftest import SMALL_ENTRIES, OpenPipeline, on_sqlite, published
from tests.coordinator.friends import (
    ALICE,
    BOB,
    CAROL,
    Friend,
    avoided,
    first_units,
    forging,
    plan_small,
    present,
    refusals,
    send,
    trust_in,
    with_share,
    work,
    work_on,
)
from tests.coordinator.pipeline import Pipeline
from tests.coordinator.truth import holds_the_truth


@pytest.fixture
def pipeline(open_fleet: OpenPipeline, small_log: LocalLog) -> Pipeline:
    """The small log in seven sub-ranges, each of which is to be checked."""
    pipeline = with_share(open_fleet(small_log), 1.0)
    plan_small(pipeline)
    return pipeline


@on_sqlite
def test_a_check_goes_to_another_friend_or_to_nobody(pipeline: Pipeline) -> None:
    """With one friend none goes out, and the status says that it can't be; another one gets them all, once."""
    work(pipeline, ALICE)
    assert pipeline.feed() == []
    assert (
        pipeline.status()["second_opinions"] | {"wanted": 7, "possible": False} == pipeline.status()["second_opinions"]
    )
    present(pipeline, BOB)
    assert pipeline.status()["second_opinions"]["possible"]
    orders = pipeline.feed()
    assert avoided(orders, ALICE) == [order.span for order in orders] == list(checks(pipeline))
    assert pipeline.feed() == []
    for order in orders:
        ALICE.bring(pipeline, order)
    assert refusals(pipeline) == []
    assert len(pipeline.feed()) == len(orders)


@on_sqlite
def test_what_only_its_bringer_could_check_stands_in_nobodys_way(pipeline: Pipeline) -> None:
    """Only as many checks go out as there is room for; the ones that can't be done do not take it."""
    first, *others = pipeline.feed()
    ALICE.bring(pipeline, first)
    for order in others:
        BOB.bring(pipeline, order)
    settings = replace(pipeline.context.settings, queue_low_water=1)
    present(pipeline, ALICE)
    narrow = replace(pipeline, context=replace(pipeline.context, settings=settings))
    assert [order.span for order in narrow.feed()] == [others[0].span]


@on_sqlite
def test_no_check_of_a_log_that_shall_rest(pipeline: Pipeline) -> None:
    """A paused, a disabled and a resting log are left alone; a check that found the log away lets it rest."""
    work(pipeline, ALICE)
    present(pipeline, BOB)
    for column, off, on in [("paused", True, False), ("enabled", False, True)]:
        set_log(pipeline, **{column: off})
        assert pipeline.feed() == []
        set_log(pipeline, **{column: on})
    (order, *_) = pipeline.feed()
    nothing = replace(BOB.collect(pipeline, order)[0], end=order.start, unit_roots=b"", first_leaf_hash=b"", entries=())
    send(pipeline, replace(nothing, fault_kind=LogUnavailable.__name__, fault="it is away"), BOB.worker)
    assert checks(pipeline)[order.span][0] == "wanted"
    assert pipeline.feed() == []
    set_log(pipeline, rest_until=None)
    assert [again.span for again in pipeline.feed()] == [order.span]


def set_log(pipeline: Pipeline, **values: Any) -> None:
    with pipeline.store.transaction() as session:
        session.execute(update(LogRow).values(**values))


@on_sqlite
def test_who_is_not_trusted_checks_nobody(pipeline: Pipeline) -> None:
    """That its worker runs makes no check possible."""
    work(pipeline, ALICE)
    present(pipeline, BOB)
    with pipeline.store.transaction() as session:
        trust.set_trust(session, "bob", trust.UNTRUSTED)
    present(pipeline, replace(BOB, host="elsewhere"))
    assert pipeline.feed() == []


@on_sqlite
def test_nobody_asked(pipeline: Pipeline) -> None:
    """A check that was not asked for, or by the friend who is to be checked, is refused and set aside."""
    orders = collected_by(pipeline, ALICE, BOB)
    stranger = replace(orders[0], end=orders[0].end - UNIT_ENTRIES)
    BOB.bring(pipeline, stranger)
    ALICE.bring(pipeline, replace(orders[0], avoid=""))
    assert [(worker, reason.split(" to check")[0]) for worker, reason in refusals(pipeline)] == [
        ("bob@here", "nobody asked bob"), ("alice@here", "nobody asked alice"),
    ]  # fmt: skip
    assert {state for state, *_ in checks(pipeline).values()} == {"out", "wanted"}


@pytest.mark.parametrize("turns", [(0, 1), (1, 0, 1), (0, 0, 1, 1)])
@on_sqlite
def test_a_check_in_pieces_is_seamless(pipeline: Pipeline, turns: tuple[int, ...]) -> None:
    """It is agreed when every piece has come, not before; their order does not matter, nor do repetitions."""
    order = collected_by(pipeline, ALICE, BOB)[0]
    (whole,) = BOB.collect(pipeline, order)
    for turn in turns:
        assert checks(pipeline)[order.span][0] in ("out", "wanted") or turn == turns[-1]
        send(pipeline, in_pieces(whole)[turn], BOB.worker)
    assert checks(pipeline)[order.span] == ("agreed", "alice", "bob")
    assert refusals(pipeline) == []


@on_sqlite
def test_a_check_that_ends_early_is_wanted_again(pipeline: Pipeline) -> None:
    """A worker that ran out of time has agreed to nothing; another one reads only what it has not compared."""
    order = collected_by(pipeline, ALICE, BOB)[0]
    (whole,) = BOB.collect(pipeline, order)
    send(pipeline, first_units(whole, 1, last=True), BOB.worker)
    assert checks(pipeline)[order.span][0] == "wanted"
    (rest,) = pipeline.feed()
    assert rest.span == Span(order.start + UNIT_ENTRIES, order.end)
    (harvest,) = CAROL.collect(pipeline, rest)
    send(pipeline, harvest, CAROL.worker)
    assert checks(pipeline)[order.span] == ("agreed", "alice", "carol")
    assert refusals(pipeline) == []


@on_sqlite
def test_a_check_of_what_is_gone_is_dropped(pipeline: Pipeline, small_log: LocalLog) -> None:
    """When a delivery is discarded its check goes, and answers to it are refused; the checks of others stay."""
    mallory = Friend("mallory", forging(small_log))
    orders = pipeline.feed()
    mallory.bring(pipeline, orders[0])
    for order in orders[1:]:
        ALICE.bring(pipeline, order)
    present(pipeline, BOB)
    issued = pipeline.feed()
    assert pipeline.audit() == 0
    assert list(checks(pipeline)) == [order.span for order in orders[1:]]
    for order in issued:
        BOB.bring(pipeline, order)
    assert [worker for worker, _ in refusals(pipeline)] == ["bob@here"]
    assert trust_in(pipeline, mallory) == "suspect"
    assert set(checks(pipeline).values()) == {("agreed", "alice", "bob")}


@on_sqlite
def test_a_check_at_the_end_of_a_log_that_grows(open_fleet: OpenPipeline, small_log: LocalLog) -> None:
    """What of a check was the short last unit falls away; the rest is asked for, and nobody is to blame."""
    pipeline = with_share(open_fleet(growing := published(small_log, 360)), 1.0)
    plan_small(pipeline)
    collected_by(pipeline, ALICE, BOB)
    growing.publish(SMALL_ENTRIES)
    pipeline.plan()
    assert max(checks(pipeline)) == (320, 352)
    work_on(pipeline, BOB, ALICE)
    assert {trust_in(pipeline, each) for each in (ALICE, BOB)} == {"trusted"}
    assert {state for state, *_ in checks(pipeline).values()} == {"agreed"}
    holds_the_truth(pipeline, small_log)

"""Harvests that can't be recorded: set aside with their reason, and never in the way of the others."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import select, text, update

from ctcollect.coordinator import recorder
from ctcollect.coordinator.context import TRIES
from ctcollect.errors import DiskUnavailable, StoreUnavailable
from ctcollect.harvest import Harvest
from ctcollect.local_log import LocalLog
from ctcollect.models import LogRow, RefusedHarvestRow
from ctcollect.store.refused import KEPT_A_DAY, KEPT_BYTES
from tests.coordinator.conftest import OpenPipeline, on_sqlite
from tests.coordinator.friends import (
    ALICE,
    BOB,
    avoided,
    delivered,
    plan_small,
    present,
    refusals,
    send,
    trust_in,
    with_share,
    work_on,
)
from tests.coordinator.pipeline import WORKER, Pipeline, through_json
from tests.coordinator.tables import Tables, content

pytestmark = on_sqlite


@pytest.fixture
def pipeline(open_fleet: OpenPipeline, small_log: LocalLog) -> Pipeline:
    """The small log in seven sub-ranges; two friends run."""
    pipeline = with_share(open_fleet(small_log), 0.0)
    plan_small(pipeline)
    present(pipeline, ALICE, BOB)
    return pipeline


@contextmanager
def failing(pipeline: Pipeline, table: str, condition: str = "1") -> Iterator[None]:
    """Inserts into a table fail in the database where the condition on NEW holds."""
    trigger = f"CREATE TRIGGER broken_{table} BEFORE INSERT ON {table} WHEN {condition} "
    with pipeline.store.transaction() as session:
        session.execute(text(trigger + "BEGIN SELECT RAISE(ABORT, 'it breaks'); END"))
    yield
    with pipeline.store.transaction() as session:
        session.execute(text(f"DROP TRIGGER broken_{table}"))


def test_a_harvest_that_always_fails_in_the_database(pipeline: Pipeline, small_content: Tables) -> None:
    """Four times it is tried again, then set aside: others are recorded, its sub-range goes to somebody else."""
    orders = pipeline.feed()
    poison = pipeline.collect(orders[:1])[0]
    with failing(pipeline, "sightings", f"NEW.leaf_index = {poison.entries[0].index}"):
        for _ in range(TRIES - 1):
            with pytest.raises(StoreUnavailable, match="it breaks"):
                send(pipeline, poison, WORKER)
            assert refusals(pipeline) == []
        send(pipeline, poison, WORKER)
        ((worker, reason),) = refusals(pipeline)
        assert (worker, "it breaks" in reason) == (WORKER, True)
        for order in orders[1:]:
            ALICE.bring(pipeline, order)
    assert list(delivered(pipeline)) == [order.span for order in orders[1:]]
    again = pipeline.feed()
    assert avoided(again, ALICE) == [order.span for order in again] == [poison.span]
    assert trust_in(pipeline, ALICE) == "trusted"
    BOB.bring(pipeline, again[0])
    work_on(pipeline, BOB)
    assert content(pipeline.store) == small_content


def test_a_database_that_takes_nothing_is_no_fault_of_the_harvests(pipeline: Pipeline) -> None:
    """However often they fail while nothing can be written they wait; then they are recorded."""
    harvests = pipeline.harvests()
    with failing(pipeline, "sightings"), failing(pipeline, "guards"):
        for _ in range(2 * TRIES - 1):
            with pytest.raises(StoreUnavailable):
                send(pipeline, harvests[0], WORKER)
    with failing(pipeline, "sightings"), pytest.raises(StoreUnavailable):
        send(pipeline, harvests[0], WORKER)
    for harvest in harvests:
        send(pipeline, harvest, WORKER)
    assert refusals(pipeline) == []
    assert len(delivered(pipeline)) == len(harvests)


def test_a_disk_that_is_full_is_no_fault_of_the_harvests(pipeline: Pipeline) -> None:
    """Where no leaf file can be written nothing is recorded or set aside, in one line that names the folder."""
    harvests = pipeline.harvests()
    leaves = pipeline.context.settings.data_dir / "leaves"
    leaves.parent.mkdir()
    leaves.touch()
    for _ in range(2 * TRIES):
        with pytest.raises(DiskUnavailable) as caught:
            send(pipeline, harvests[0], WORKER)
    assert str(leaves) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert (refusals(pipeline), delivered(pipeline)) == ([], {})
    leaves.unlink()
    send(pipeline, harvests[0], WORKER)
    assert list(delivered(pipeline)) == [harvests[0].span]


def test_an_error_that_nobody_expected(pipeline: Pipeline, small_log: LocalLog) -> None:
    """It is told in the row, the harvest is not tried again, and its sub-range is free."""
    harvest = pipeline.harvests()[0]
    url = pipeline.log(small_log.name).url
    set_url(pipeline, "http://[no-address")
    send(pipeline, harvest, WORKER)
    set_url(pipeline, url)
    assert refusals(pipeline) == [(WORKER, "ValueError: Invalid IPv6 URL")]
    assert avoided(pipeline.feed(), ALICE) == [harvest.span]


def set_url(pipeline: Pipeline, url: str) -> None:
    with pipeline.store.transaction() as session:
        session.execute(update(LogRow).values(url=url))


def test_nobody_fills_the_disk_with_refusals(pipeline: Pipeline) -> None:
    """Of one worker a hundred a day are kept, of each 64 KiB; the other workers' are kept all the same."""
    for number in range(KEPT_A_DAY + 5):
        recorder.record_or_set_aside(pipeline.context, {"number": number, "noise": "x" * 70_000}, WORKER)
    recorder.record_or_set_aside(pipeline.context, None, BOB.worker)
    assert [worker for worker, _ in refusals(pipeline)] == [WORKER] * KEPT_A_DAY + [BOB.worker]
    with pipeline.store.reading() as session:
        bodies = session.scalars(select(RefusedHarvestRow.body)).all()
    assert {len(body) for body in bodies} == {KEPT_BYTES, len(b"null")}


@pytest.mark.parametrize("worker", ["", "@here", "coordinator@here", None, 7, ["alice@here"]])
def test_who_has_no_friends_name_brings_nothing(pipeline: Pipeline, worker: object) -> None:
    """In a worker without a friend, or one that calls itself the coordinator, nobody could ever lose trust."""
    harvest = pipeline.harvests()[0]
    recorder.record_or_set_aside(pipeline.context, through_json(harvest), worker)
    assert [reason.endswith("is no friend's name") for _, reason in refusals(pipeline)] == [True]
    assert delivered(pipeline) == {}


def test_a_name_can_not_be_taken_for_others(pipeline: Pipeline) -> None:
    """Commas, spaces and what is no text are replaced: no list of names makes another friend's of them."""
    for harvest, worker in zip(
        pipeline.harvests(), ["alice,bob@here", "alice @here", "al\ud800ice\n@here"], strict=False
    ):
        send(pipeline, harvest, worker)
    assert list(delivered(pipeline).values()) == ["alice_bob", "alice_", "al_ice_"]
    assert refusals(pipeline) == []


def test_a_refused_check_is_wanted_at_once(pipeline: Pipeline) -> None:
    """A check whose answer is set aside does not wait for its lease."""
    pipeline = with_share(pipeline, 1.0)
    for order in pipeline.feed():
        ALICE.bring(pipeline, order)
    first, *others = pipeline.feed()
    (harvest,) = BOB.collect(pipeline, first)
    send(pipeline, without_proofs(harvest), BOB.worker)
    assert len(refusals(pipeline)) == 1
    assert [(order.purpose, order.span) for order in pipeline.feed()] == [("check", first.span)]
    assert len(others) == 6


def without_proofs(harvest: Harvest) -> Harvest:
    return replace(harvest, entries=tuple(replace(entry, proof=()) for entry in harvest.entries))

"""The planner: heads that are believed and heads that are not, windows, logs that grow."""

import pytest
from sqlalchemy import select

from ctcollect.coordinator import planner, recorder
from ctcollect.coordinator.verifier import disagreements
from ctcollect.errors import BadSignature, ConfigurationError, HarvestRefused, TreeMismatch
from ctcollect.local_log import LocalLog
from ctcollect.local_log.faults import Faults
from ctcollect.local_log.rules import Rule
from ctcollect.models import RangeRow, SightingRow
from ctcollect.ranges import UNIT_ENTRIES, Span
from ctcollect.store import logs as log_store
from tests.coordinator.conftest import ENTRIES, SEED, OpenPipeline, on_sqlite, published
from tests.coordinator.friends import ALICE, BOB, altered, delivered, send, work_on
from tests.coordinator.pipeline import WORKER, Pipeline
from tests.coordinator.tables import content, dump
from tests.coordinator.truth import holds_the_truth, jp_truth

NAME = "demo-google"


def forged(log: LocalLog, size: int) -> LocalLog:
    """A log of the same key in which one entry is another."""
    return LocalLog(NAME, [*log.entries[:7], log.entries[8], *log.entries[8:size]], SEED)


def heads(pipeline: Pipeline) -> tuple[object, ...]:
    """The head that the log has now and all that were stored."""
    row = pipeline.log(NAME)
    return row.tree_size, row.root_hash, dump(pipeline.store)["tree_heads"]


@on_sqlite
@pytest.mark.parametrize(
    ("forged_size", "rules", "error"),
    [
        (None, [Rule("bad_signature", probability=1.0)], BadSignature),
        (ENTRIES, [], TreeMismatch),
        (2_000, [], TreeMismatch),
    ],
    ids=["bad signature", "another tree that is larger", "another tree of one size"],
)
def test_a_false_head_is_never_stored(
    open_fleet: OpenPipeline, log: LocalLog, forged_size: int | None, rules: list[Rule], error: type[Exception]
) -> None:
    """A head whose signature or consistency is false is refused; the log keeps the head that it had."""
    pipeline = open_fleet(published(log, 2_000))
    pipeline.plan()
    before = heads(pipeline)
    if forged_size:
        pipeline.server.logs[NAME] = forged(log, forged_size)
    pipeline.server.faults = Faults(*rules)
    with pytest.raises(error):
        planner.fetch_head(pipeline.context, pipeline.log(NAME))
    assert heads(pipeline) == before


@on_sqlite
def test_a_head_that_steps_back_is_told_and_no_head(pipeline: Pipeline) -> None:
    """A front end that lags is reported and changes nothing: the log keeps its head, and does not rest."""
    before = heads(pipeline)
    pipeline.server.faults = Faults(Rule("lag", probability=1.0, entries=100))
    assert planner.refresh_heads(pipeline.context) == {}
    assert heads(pipeline) == before
    log = pipeline.log(NAME)
    assert "behind the" in str(log.last_fault)
    assert (log.rest_until, log.reachable) == (None, True)
    pipeline.server.faults = Faults()
    planner.refresh_heads(pipeline.context)
    assert pipeline.log(NAME).last_fault is None


@on_sqlite
def test_one_log_at_fault_stops_no_other(open_fleet: OpenPipeline) -> None:
    """All logs with open work are asked; the one at fault is named with the reason and rests."""
    bad, good = (LocalLog.generate(name, 200, SEED, published=100) for name in ("demo-bad", "demo-good"))
    pipeline = open_fleet(bad, good)
    pipeline.plan()
    bad.publish(200)
    good.publish(200)
    pipeline.server.faults = Faults(Rule("bad_signature", probability=1.0, log=bad.name))
    faults = planner.refresh_heads(pipeline.context)
    assert list(faults) == [bad.name]
    assert (pipeline.log(bad.name).tree_size, pipeline.log(good.name).tree_size) == (100, 200)
    assert pipeline.log(bad.name).last_fault == faults[bad.name]
    assert pipeline.log(bad.name).rest_until
    assert pipeline.log(good.name).rest_until is None


@on_sqlite
@pytest.mark.parametrize("text", ["", "all", "10", "10:", "5:5", "9:3", "-1:5", "0:2301", "2300:2400", "1:2:3"])
def test_a_window_outside_the_log_is_refused(pipeline: Pipeline, text: str) -> None:
    """What is no span of entries inside the log is an error of one line."""
    with pytest.raises(ConfigurationError) as caught:
        planner.plan(pipeline.context, NAME, text)
    assert "\n" not in str(caught.value)


@on_sqlite
@pytest.mark.parametrize(("text", "span"), [("full", (0, ENTRIES)), ("0:1", (0, 1)), ("7:2300", (7, ENTRIES))])
def test_a_window_is_a_half_open_span(pipeline: Pipeline, text: str, span: tuple[int, int]) -> None:
    """``full`` is the whole log; START:END leaves END out."""
    assert planner.plan(pipeline.context, NAME, text).found.spans == (span,)


@on_sqlite
def test_planning_again_changes_nothing(pipeline: Pipeline) -> None:
    """A window is rounded outward to ranges, so that any part of the one range there is stands for all of it."""
    before = content(pipeline.store)
    for window in ("full", "10:20", "2299:2300"):
        plan = planner.plan(pipeline.context, NAME, window)
        assert plan.wanted == (Span(0, ENTRIES),)
    assert content(pipeline.store) == before
    assert content(pipeline.store)["windows"] == [(pipeline.log(NAME).log_id, 0, ENTRIES)]


@on_sqlite
def test_only_a_known_log_that_is_enabled_is_planned(pipeline: Pipeline, open_fleet: OpenPipeline) -> None:
    """Errors in one line for a name that is not there, a disabled log and an empty one."""
    with pytest.raises(ConfigurationError, match="no log named 'argon'"):
        planner.plan(pipeline.context, "argon", "full")
    with pytest.raises(ConfigurationError, match="empty"):
        open_fleet(LocalLog.generate("demo-empty", 1, SEED, published=0)).plan()
    with pipeline.store.transaction() as session:
        log_store.set_switch(session, [NAME], enabled=False)
    with pytest.raises(ConfigurationError, match=f"logs enable {NAME}"):
        planner.plan(pipeline.context, NAME, "full")


def test_a_log_that_grows_is_collected_on(open_fleet: OpenPipeline, log: LocalLog) -> None:
    """The short last unit is fetched again, nothing else is; nothing counts double, all is verified at the new size."""
    pipeline = open_fleet(growing := published(log, 2_010))
    pipeline.plan()
    pipeline.collect_all()
    assert pipeline.audit() == 1
    growing.publish(ENTRIES)
    pipeline.plan()
    assert (pipeline.log(NAME).entries_done, pipeline.log(NAME).entries_verified) == (1_984, 0)
    assert proofs(pipeline) == [(None, None)]
    assert list(delivered(pipeline)) == [(0, 1_024), (1_024, 1_984)]
    pipeline.collect_all()
    assert pipeline.server.stats()["entries"] == ENTRIES + 2_010 - 1_984
    assert pipeline.audit() == 1
    holds_the_truth(pipeline, log)
    assert pipeline.log(NAME).entries_done == pipeline.log(NAME).entries_verified == ENTRIES
    assert pipeline.log(NAME).sightings == len(content(pipeline.store)["sightings"])
    assert proofs(pipeline) == [(ENTRIES, [])]
    assert list(delivered(pipeline))[2:] == [(1_984, 2_048), (2_048, ENTRIES)]


def proofs(pipeline: Pipeline) -> list[tuple[int | None, list[str] | None]]:
    """(size of the tree, audit path) by which each range was verified; none is needed for a whole tree."""
    with pipeline.store.reading() as session:
        return [(row.verified_size, row.audit_path) for row in session.scalars(select(RangeRow))]


@on_sqlite
def test_a_lie_is_found_after_the_log_has_grown_over_it(open_fleet: OpenPipeline, log: LocalLog) -> None:
    """A delivery that lost its short last unit to another friend is still its own: it alone goes when it is false."""
    pipeline = open_fleet(growing := published(log, 2_010))
    pipeline.plan()
    honest, bent = pipeline.harvests()
    lie = next(index for index in jp_truth(log) if index > bent.start)
    send(pipeline, honest, ALICE.worker)
    send(pipeline, altered(log, bent, lie), "mallory@here")
    growing.publish(ENTRIES)
    pipeline.plan()
    pipeline.record(pipeline.collect(pipeline.feed()), BOB.worker)
    assert pipeline.audit() == 0
    assert delivered(pipeline) == {(0, 1_024): "alice", (1_984, 2_048): "bob", (2_048, ENTRIES): "bob"}
    pipeline.record(pipeline.collect(pipeline.feed()), BOB.worker)
    assert pipeline.audit() == 1
    holds_the_truth(pipeline, log)
    with pipeline.store.reading() as session:
        assert list(disagreements(session, pipeline.context.settings.data_dir)) == []


@on_sqlite
def test_what_was_proven_before_the_log_grew_keeps_its_file(open_fleet: OpenPipeline, log: LocalLog) -> None:
    """The unit that a friend brings falsely after the growth takes its proven entries away, not their neighbours."""
    pipeline = open_fleet(growing := published(log, lie_at_the_end(log) + 1))
    pipeline.plan()
    pipeline.collect_all()
    assert pipeline.audit() == 1
    growing.publish(ENTRIES)
    pipeline.plan()
    for harvest in pipeline.harvests():
        forged = altered(log, harvest, lie) if (lie := lie_at_the_end(log)) in range(*harvest.span) else harvest
        send(pipeline, forged, "mallory@here")
    assert pipeline.audit() == 0
    work_on(pipeline, ALICE)
    holds_the_truth(pipeline, log)
    with pipeline.store.reading() as session:
        assert list(disagreements(session, pipeline.context.settings.data_dir)) == []


def lie_at_the_end(log: LocalLog) -> int:
    """A .jp entry behind which a tree may end inside its unit."""
    return next(index for index in jp_truth(log) if index > 2_000 and index % UNIT_ENTRIES < 30)


@on_sqlite
def test_an_order_that_was_out_while_the_log_grew(open_fleet: OpenPipeline, log: LocalLog) -> None:
    """What was issued up to the old end is wanted again at once, on the grid; its late harvest spoils nothing."""
    pipeline = open_fleet(growing := published(log, 2_010))
    pipeline.plan()
    first, late = pipeline.harvests()
    pipeline.record([first])
    growing.publish(ENTRIES)
    pipeline.plan()
    orders = pipeline.feed()
    assert [order.span for order in orders] == [(1_024, 2_048), (2_048, ENTRIES)]
    with pytest.raises(HarvestRefused):
        pipeline.record([late])
    recorder.set_aside(pipeline.context, late.to_json(), WORKER, "a lie")
    assert pipeline.feed() == []
    pipeline.record(pipeline.collect(orders))
    assert pipeline.audit() == 1
    holds_the_truth(pipeline, log)


@on_sqlite
def test_what_was_never_proven_does_not_outlive_its_hash(open_fleet: OpenPipeline, log: LocalLog) -> None:
    """A lie in the short last unit of a range without audit is gone when the log has grown over it."""
    lie = lie_at_the_end(log)
    pipeline = open_fleet(growing := published(log, lie + 1))
    pipeline.plan()
    pipeline.server.faults = Faults(Rule("alter", next=1, index=lie))
    pipeline.collect_all()
    told = sighting_of(pipeline, lie)
    growing.publish(ENTRIES)
    pipeline.plan()
    pipeline.collect_all()
    assert pipeline.audit() == 1
    assert sighting_of(pipeline, lie).leaf_timestamp != told.leaf_timestamp
    holds_the_truth(pipeline, log)


def sighting_of(pipeline: Pipeline, index: int) -> SightingRow:
    with pipeline.store.reading() as session:
        return session.scalars(select(SightingRow).where(SightingRow.leaf_index == index)).one()

"""The audit: what does not lead to the signed root goes away without a trace and is fetched again."""

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select, update

from ctcollect.coordinator.verifier import disagreements
from ctcollect.local_log import LocalLog
from ctcollect.local_log.faults import Faults
from ctcollect.local_log.rules import Rule
from ctcollect.models import RangeRow
from ctcollect.ranges import RANGE_ENTRIES
from ctcollect.settings import load
from ctcollect.store import Store, deliveries, utc_now
from tests.coordinator.conftest import ENTRIES, OpenPipeline, on_sqlite, published
from tests.coordinator.pipeline import Pipeline, open_pipeline
from tests.coordinator.tables import content, dump
from tests.coordinator.truth import holds_the_truth, leaf_files_hold_the_sightings

Audited = Callable[..., Pipeline]
SUBRANGE_ENTRIES = 1_024


def jp_indices(log: LocalLog) -> list[int]:
    return [index for index, truth in enumerate(log.truth) if truth.jp_names and not truth.odd]


def leaf_files(pipeline: Pipeline) -> list[Path]:
    return sorted(pipeline.context.settings.data_dir.rglob("*.zst"))


def brought_by_day(pipeline: Pipeline) -> list[tuple[int, int]]:
    """What each day has (uploaded, registered); its entries stay read, whatever they were worth."""
    return [(uploaded, registered) for *_, uploaded, registered in dump(pipeline.store)["daily_counts"]]


def is_second_form(log: LocalLog, index: int) -> bool:
    """Whether the entry's precertificate came before it."""
    return log.truth[index].issuance in {truth.issuance for truth in log.truth[:index]}


def test_an_altered_entry_costs_its_delivery_and_nothing_else(pipeline: Pipeline, log: LocalLog) -> None:
    """One bit wrong: all that was stored of the sub-range goes away, it is wanted again, and then it is right."""
    first, *others = pipeline.feed()
    pipeline.record(pipeline.collect(others))
    before, files, days = content(pipeline.store), leaf_files(pipeline), brought_by_day(pipeline)
    pipeline.server.faults = Faults(Rule("alter", next=1, index=jp_indices(log)[3]))
    pipeline.record(pipeline.collect([first]))
    assert pipeline.states() == {"full": 1}
    assert pipeline.audit() == 0
    assert (content(pipeline.store), leaf_files(pipeline), brought_by_day(pipeline)) == (before, files, days)
    assert pipeline.status()["workers"][0]["trust"] == "suspect"
    again = pipeline.feed()
    assert [order.span for order in again] == [first.span]
    pipeline.record(pipeline.collect(again))
    assert pipeline.audit() == 1
    holds_the_truth(pipeline, log)
    leaf_files_hold_the_sightings(pipeline, log)
    assert pipeline.log(log.name).entries_verified == pipeline.log(log.name).entries_done == ENTRIES


FAULTS = ("html", "cut", "unavailable")


@on_sqlite
def test_a_bad_moment_of_the_log_does_not_end_the_search(pipeline: Pipeline, log: LocalLog) -> None:
    """The false delivery is found in one audit, although the log fails three times while it is looked for."""
    orders = pipeline.feed()
    pipeline.server.faults = Faults(Rule("alter", next=1, index=jp_indices(log)[-1]))
    pipeline.record(pipeline.collect(orders))
    pipeline.server.faults = Faults(*(Rule(kind, next=1, endpoint="get-entry-and-proof") for kind in FAULTS))
    assert pipeline.audit() == 0
    false = [order.span for order in orders if jp_indices(log)[-1] in range(*order.span)]
    assert [order.span for order in pipeline.feed()] == false


@on_sqlite
def test_what_another_log_has_shown_stays(open_fleet: OpenPipeline, log: LocalLog) -> None:
    """A discarded delivery takes back the forms that only it had shown; what was seen elsewhere stays as it was."""
    late_final = [index for index in jp_indices(log) if is_second_form(log, index)][-1]
    twin = published(log, late_final, "demo-twin")
    pipeline = open_fleet(log, twin)
    pipeline.plan(twin.name)
    pipeline.collect_all()
    assert pipeline.audit() == 1
    pipeline.plan(log.name)
    orders = pipeline.feed()
    (late,) = [order for order in orders if late_final in range(*order.span)]
    pipeline.record(pipeline.collect(order for order in orders if order is not late))
    before = content(pipeline.store)
    pipeline.server.faults = Faults(Rule("alter", next=1, index=late_final, log=log.name))
    pipeline.record(pipeline.collect([late]))
    assert content(pipeline.store) != before
    assert pipeline.audit() == 0
    assert content(pipeline.store) == before


class BigFleet:
    """A log of two ranges, collected once; each test goes on from a copy of the database."""

    def __init__(self, log: LocalLog, folder: Path) -> None:
        self.log = log
        self.settings = load(
            {
                "CTCOLLECT_DATABASE_URL": f"sqlite:///{folder}/collected.sqlite",
                "CTCOLLECT_DATA_DIR": str(folder / "data"),
                "CTCOLLECT_ALLOW_LOCAL_LOGS": "1",
            }
        )
        self.folder = folder

    @contextmanager
    def collected(self) -> Iterator["BigFleet"]:
        with open_pipeline(self.settings, self.log, max_entries=4096) as self.pipeline:
            self.pipeline.plan()
            self.pipeline.collect_all()
            self.pipeline.store.close()
            yield self

    def copy(self, faults: Faults) -> Pipeline:
        self.pipeline.server.faults = faults
        shutil.copy(self.folder / "collected.sqlite", self.folder / "copy.sqlite")
        store = Store(f"sqlite:///{self.folder}/copy.sqlite")
        return replace(self.pipeline, context=replace(self.pipeline.context, store=store))


@pytest.fixture(scope="module")
def big_fleet(big_log: LocalLog, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BigFleet]:
    with BigFleet(big_log, tmp_path_factory.mktemp("big")).collected() as fleet:
        yield fleet


@pytest.fixture
def audited(big_fleet: BigFleet) -> Iterator[Audited]:
    """The collected big log, its two ranges full, with these faults from now on."""
    with ExitStack() as stack:

        def opened(*rules: Rule) -> Pipeline:
            pipeline = big_fleet.copy(Faults(*rules))
            stack.callback(pipeline.store.close)
            return pipeline

        yield opened


def proofs(pipeline: Pipeline) -> Counter[str]:
    """How often each kind of proof was asked for."""
    endpoints = pipeline.server.stats()["endpoints"]
    return Counter({name: endpoints.get(name, 0) for name in ("get-proof-by-hash", "get-entry-and-proof")})


def test_a_range_inside_a_tree_takes_one_proof(audited: Audited) -> None:
    """Each range costs one request; one more where the log has its first entry twice and proves the other place."""
    pipeline = audited()
    before = proofs(pipeline)
    assert pipeline.states() == {"full": 2}
    assert pipeline.audit() == 2
    assert proofs(pipeline) - before == Counter({"get-proof-by-hash": 2, "get-entry-and-proof": 1})
    assert pipeline.log("demo-google").entries_verified == len(pipeline.server.logs["demo-google"].entries)
    with pipeline.store.reading() as session:
        assert list(disagreements(session, pipeline.context.settings.data_dir)) == []
        assert all(row.audit_path for row in session.scalars(select(RangeRow)))


def test_a_false_first_hash_costs_nothing(audited: Audited) -> None:
    """The range's root decides; what a friend calls the first leaf's hash only serves to ask the log for its path."""
    pipeline = audited()
    with pipeline.store.transaction() as session:
        session.execute(update(RangeRow).values(first_leaf_hash="00" * 32))
    assert pipeline.audit() == 2


def test_a_proof_that_is_rubbish_only_postpones(audited: Audited) -> None:
    """A log that proves nothing leaves the ranges full, and is not asked again before a pause is over."""
    pipeline = audited(Rule("html", probability=1.0))
    assert pipeline.audit() == 0
    assert pipeline.states() == {"full": 2}
    asked = pipeline.server.stats()["requests"]
    pipeline.server.faults = Faults()
    assert pipeline.audit() == 0
    assert pipeline.server.stats()["requests"] == asked
    with pipeline.store.transaction() as session:
        session.execute(update(RangeRow).values(audit_after=utc_now()))
    assert pipeline.audit() == 2


def test_only_the_false_range_is_discarded(audited: Audited, big_fleet: BigFleet) -> None:
    """An altered first entry, whose hash the log does not know, costs its own delivery; the other range is verified."""
    pipeline = audited()
    with pipeline.store.transaction() as session:
        deliveries.discard_range(session, big_fleet.log.log_id_hex, RANGE_ENTRIES)
    pipeline.server.faults = Faults(Rule("alter", next=1, index=RANGE_ENTRIES))
    pipeline.collect_all()
    assert pipeline.states() == {"full": 2}
    assert pipeline.audit() == 1
    assert pipeline.states() == {"open": 1, "verified": 1}
    assert pipeline.log("demo-google").entries_done == len(big_fleet.log.entries) - SUBRANGE_ENTRIES
    pipeline.collect_all()
    assert pipeline.audit() == 1
    assert pipeline.states() == {"verified": 2}

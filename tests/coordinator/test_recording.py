"""Recording: idempotent, in any order, in pieces; one certificate whatever it was seen in."""

import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from ctcollect.collect import Collector
from ctcollect.coordinator import recorder
from ctcollect.coordinator.entries import read_entries
from ctcollect.errors import HarvestRefused, LogUnavailable
from ctcollect.harvest import Harvest
from ctcollect.local_log import LocalLog
from ctcollect.models import CertificateRow, SightingRow
from ctcollect.ranges import Span
from ctcollect.store import Reading, Store, utc_now
from ctcollect.store.certificates import put_certificates
from ctcollect.store.harvests import record_harvests
from ctcollect.store.reading import Seen
from tests.coordinator.conftest import ENTRIES, OpenPipeline, on_sqlite, published
from tests.coordinator.friends import first_units
from tests.coordinator.pipeline import WORKER, Pipeline, through_json
from tests.coordinator.tables import Tables, content, dump
from tests.coordinator.truth import jp_truth

PIECE_BYTES = 30_000


def test_the_same_harvests_again_change_nothing(pipeline: Pipeline) -> None:
    """Whether a range is open, full or verified, a harvest that was recorded leaves every table as it is."""
    harvests = pipeline.harvests()
    for harvest in harvests[:2]:
        pipeline.record([harvest])
        before = dump(pipeline.store)
        assert not pipeline.record([harvest], worker="bob@there")[0].is_new
        assert dump(pipeline.store) == before
    assert pipeline.record(harvests[2:])[-1].range_is_full
    for verified in (0, 1):
        assert pipeline.audit() == verified or pipeline.states() == {"verified": 1}
        before = dump(pipeline.store)
        pipeline.record(harvests)
        assert dump(pipeline.store) == before


@on_sqlite
def test_a_fault_that_is_delivered_twice_counts_once(pipeline: Pipeline) -> None:
    """A harvest without entries ends its lease, lets the log rest and is counted; the second time nothing moves."""
    harvest = pipeline.harvests()[0]
    nothing = replace(harvest, end=0, unit_roots=b"", first_leaf_hash=b"", entries=())
    fault = replace(nothing, fault_kind=LogUnavailable.__name__, fault="it does not answer", requests=7)
    assert pipeline.record([fault])[0].is_new
    row = pipeline.log("demo-google")
    assert (row.reachable, row.last_fault, row.rest_seconds) == (False, "it does not answer", 5)
    before = dump(pipeline.store)
    pipeline.record([fault])
    assert dump(pipeline.store) == before


@on_sqlite
def test_what_a_last_piece_lacks_is_free_at_once(pipeline: Pipeline) -> None:
    """A piece that is not the last keeps the order out; the last one, however short, frees exactly the rest."""
    orders = pipeline.feed()
    assert [order.span for order in orders] == [(0, 1024), (1024, 2048), (2048, ENTRIES)]
    whole = pipeline.collect(orders[:1])[0]
    pipeline.record([first_units(whole, 4, last=False)])
    assert pipeline.issue() == []
    pipeline.record([first_units(whole, 16, last=True)])
    assert pipeline.issue() == [Span(512, 1024)]
    pipeline.record([whole])
    assert pipeline.log("demo-google").entries_done == 1024


@on_sqlite
def test_what_changed_while_it_was_read_is_read_again(pipeline: Pipeline) -> None:
    """When others recorded a part meanwhile, nothing of the reading is stored: the new ones are others."""
    (harvest, *_) = pipeline.harvests()
    found, unreadable = read_entries(harvest.entries)
    names = {harvest.span: "leaves"}
    reading = Reading(harvest, WORKER, "alice", [harvest.span], found, unreadable, names, utc_now())
    pipeline.record([first_units(harvest, 4, last=False)])
    before = dump(pipeline.store)
    with pipeline.store.transaction() as session:
        assert record_harvests(session, [reading]) == [None]
    assert dump(pipeline.store) == before


class Replay:
    """One planned log and all pieces of it, to be recorded again and again from the start."""

    def __init__(self, pipeline: Pipeline, folder: Path) -> None:
        collector = Collector(replace(pipeline.context.settings, harvest_max_bytes=PIECE_BYTES))
        self.pieces = [piece for order in pipeline.feed() for piece in collector.collect(order)]
        self.pipeline, self.folder = pipeline, folder
        pipeline.store.close()
        self.in_order = self.record(self.pieces)

    def record(self, pieces: Sequence[Harvest]) -> Tables:
        """What the tables hold after these pieces."""
        copy = self.folder / "copy.sqlite"
        shutil.copy(str(self.pipeline.store.url.database), copy)
        store = Store(f"sqlite:///{copy}")
        context = replace(self.pipeline.context, store=store)
        for piece in pieces:
            recorder.record(context, through_json(piece), WORKER)
        tables = content(store)
        store.close()
        for path in self.folder.glob("copy.sqlite*"):
            path.unlink()
        return tables


@pytest.fixture
def replay(pipeline: Pipeline, tmp_path: Path) -> Replay:
    return Replay(pipeline, tmp_path)


@on_sqlite
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(draw=st.data())
def test_order_and_repetition_do_not_matter(replay: Replay, log: LocalLog, draw: st.DataObject) -> None:
    """The pieces of a range in any order, some of them more than once, end in the same tables."""
    assert len(replay.pieces) > 5
    again = draw.draw(st.lists(st.sampled_from(range(len(replay.pieces))), max_size=5))
    turns = draw.draw(st.permutations([*range(len(replay.pieces)), *again]))
    assert replay.record([replay.pieces[turn] for turn in turns]) == replay.in_order
    assert len(replay.in_order["sightings"]) == len(jp_truth(log))


def test_one_certificate_in_two_logs_and_two_forms(open_fleet: OpenPipeline, log: LocalLog) -> None:
    """Precertificate and certificate, in two logs of one content, are one row with all its sightings."""
    pipeline = open_fleet(log, published(log, ENTRIES, "demo-twin"))
    pipeline.plan()
    pipeline.collect_all()
    issuances: dict[str, Counter[str]] = {}
    for truth in log.truth:
        if truth.jp_names:
            forms = issuances.setdefault(truth.issuance, Counter())
            forms["precert" if truth.entry_type else "x509"] += 2  # once in each log
    assert Counter({"precert": 2, "x509": 2}) in issuances.values()
    assert Counter(map(str, seen_forms(pipeline))) == Counter(map(str, map(sorted_forms, issuances.values())))
    assert [pipeline.log(name).certificates for name in ("demo-google", "demo-twin")] == [len(issuances)] * 2


def sorted_forms(forms: Counter[str]) -> list[tuple[str, int]]:
    return sorted(forms.items())


def seen_forms(pipeline: Pipeline) -> list[list[tuple[str, int]]]:
    """For each certificate how many sightings of each form it has; its own columns must say the same."""
    forms: dict[int, Counter[str]] = {}
    with pipeline.store.reading() as session:
        for certificate_id, form in session.execute(select(SightingRow.certificate_id, SightingRow.entry_type)):
            forms.setdefault(certificate_id, Counter())[form] += 1
        for row in session.scalars(select(CertificateRow)):
            assert (row.is_precert_seen, row.is_final_seen) == ("precert" in forms[row.id], "x509" in forms[row.id])
            assert bool(row.sct_list) == row.is_final_seen
    return [sorted_forms(each) for each in forms.values()]


@on_sqlite
def test_names_too_long_for_the_tables_are_cut(pipeline: Pipeline) -> None:
    """A worker may call itself what it likes: its harvest is recorded under as much of the name as fits."""
    pipeline.record(pipeline.harvests()[:1], worker="f" * 100 + "@" + "h" * 300)
    (worker,) = pipeline.status()["workers"]
    assert worker["friend"] == "f" * 64
    assert worker["name"] == "f" * 100 + "@" + "h" * 90
    assert worker["entries"] == 1024


def test_a_field_longer_than_its_column_is_left_out(pipeline: Pipeline) -> None:
    """No certificate, however odd, fails a whole harvest: the field is empty then, with the reason among the faults."""
    found, _ = read_entries(pipeline.harvests()[0].entries)
    odd = replace(found[0].fields, serial="ab" * 300, signature_algorithm="1.2" * 100, issuer_dn=None, subject_dn=None)
    with pipeline.store.transaction() as session:
        seen = Seen(pipeline.log("demo-google").log_id, replace(found[0], fields=odd))
        put_certificates(session, [seen], utc_now())
    with pipeline.store.reading() as session:
        row = session.scalars(select(CertificateRow)).one()
    assert (row.identity, row.serial, row.signature_algorithm, row.issuer_dn) == (odd.identity, None, None, None)
    assert sorted(fault.partition(":")[0] for fault in row.faults) == ["serial", "signature_algorithm"]


@pytest.mark.parametrize("database_url", ["mysql"], indirect=True)
def test_a_value_that_no_column_takes_is_the_harvests_fault(pipeline: Pipeline) -> None:
    """It is refused like any lie: as a fault of the database it would be tried again for ever."""
    (harvest, *_) = pipeline.harvests()
    found, _ = read_entries(harvest.entries)
    before = dump(pipeline.store)
    names = {harvest.span: "too/long/" * 100}
    reading = Reading(harvest, WORKER, "alice", [harvest.span], found, (), names, utc_now())
    with pytest.raises(HarvestRefused, match="leaf_file"), pipeline.store.transaction() as session:
        record_harvests(session, [reading])
    assert dump(pipeline.store) == before

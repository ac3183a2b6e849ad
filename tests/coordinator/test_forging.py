"""A friend who forges: found by the audit, undone, and after three times not believed any more."""

from contextlib import suppress

import pytest
from sqlalchemy import delete, update

from ctcollect.coordinator.entries import read_entry
from ctcollect.errors import MalformedEntry
from ctcollect.harvest import Order
from ctcollect.local_log import LocalLog
from ctcollect.local_log.faults import Faults
from ctcollect.local_log.rules import Rule
from ctcollect.models import DeliveryRow, RangeRow
from ctcollect.ranges import UNIT_ENTRIES, Span
from ctcollect.store import audits, deliveries, trust
from tests.coordinator.conftest import SMALL_ENTRIES, OpenPipeline, on_sqlite
from tests.coordinator.friends import (
    ALICE,
    BOB,
    CAROL,
    SUBRANGE_ENTRIES,
    Friend,
    altered,
    avoided,
    delivered,
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
from tests.coordinator.tables import Tables, content, dump
from tests.coordinator.truth import holds_the_truth, leaf_files_hold_the_sightings

# 1.3.6.1.4.1.11129.2.4.2 (RFC 6962, 3.3)
SCT_LIST_OID = bytes.fromhex("060a2b06010401d679020402")
SPANS = [
    Span(start, min(start + SUBRANGE_ENTRIES, SMALL_ENTRIES)) for start in range(0, SMALL_ENTRIES, SUBRANGE_ENTRIES)
]


@pytest.fixture
def pipeline(open_fleet: OpenPipeline, small_log: LocalLog) -> Pipeline:
    """The small log in seven sub-ranges, without second opinions."""
    pipeline = with_share(open_fleet(small_log), 0.0)
    plan_small(pipeline)
    return pipeline


def test_a_forger_is_found_undone_and_replaced(pipeline: Pipeline, small_log: LocalLog, small_content: Tables) -> None:
    """Of seven deliveries the two that are false go, the others stay; the forger is suspect and does them not again."""
    mallory = Friend("mallory", forging(small_log))
    work(pipeline, ALICE, mallory, BOB, CAROL)
    assert delivered(pipeline) == dict(zip(SPANS, ["alice", "mallory", "bob", "carol"] * 2, strict=False))
    assert pipeline.audit() == 0
    assert set(delivered(pipeline)) == set(SPANS) - {SPANS[1], SPANS[5]}
    assert [trust_in(pipeline, each) for each in (ALICE, mallory, BOB, CAROL)] == [
        "trusted", "suspect", "trusted", "trusted",
    ]  # fmt: skip
    again = work(pipeline, mallory, ALICE)
    assert avoided(again, mallory) == [order.span for order in again] == [SPANS[1], SPANS[5]]
    assert delivered(pipeline)[SPANS[5]] == "alice"
    assert SPANS[1] not in delivered(pipeline)
    work_on(pipeline, BOB, mallory)
    assert content(pipeline.store) == small_content
    holds_the_truth(pipeline, small_log)
    leaf_files_hold_the_sightings(pipeline, small_log)
    assert refusals(pipeline) == []


@on_sqlite
def test_a_forger_loses_all_trust_and_all_its_work(
    open_fleet: OpenPipeline, small_log: LocalLog, small_twin: LocalLog, twin_content: Tables
) -> None:
    """After four false deliveries even what was verified is done again by others, and nothing more is taken."""
    pipeline = with_share(open_fleet(small_log, small_twin), 0.0)
    mallory = Friend("mallory")
    plan_small(pipeline, small_twin.name)
    work_on(pipeline, ALICE, ALICE, ALICE, mallory)
    plan_small(pipeline, small_log.name)
    mallory = Friend("mallory", forging(small_log))
    work(pipeline, mallory, ALICE)
    late = mallory.collect(pipeline, order_for(pipeline, small_log, SPANS[0]))
    assert pipeline.audit() == 0
    assert (trust_in(pipeline, mallory), pipeline.broker.stopped) == ("untrusted", ["mallory"])
    assert pipeline.states() == {"open": 2}
    assert "mallory" not in {row[5] for row in dump(pipeline.store)["deliveries"]}
    for name in ("mallory@here", "mallory@elsewhere"):
        send(pipeline, late[0], name)
    assert refusals(pipeline) == [(name, "mallory is not trusted") for name in ("mallory@here", "mallory@elsewhere")]
    again = work(pipeline, ALICE)
    assert avoided(again, mallory) == [order.span for order in again] != []
    work_on(pipeline, ALICE, BOB)
    assert content(pipeline.store) == twin_content


def order_for(pipeline: Pipeline, log: LocalLog, span: Span) -> Order:
    """As the feeder would write it."""
    row = pipeline.log(log.name)
    return Order(row.log_id, row.name, row.url, row.kind, row.queue, *span, batch_entries=32)


@on_sqlite
def test_an_undo_that_was_broken_off_is_finished(pipeline: Pipeline, small_content: Tables) -> None:
    """Whoever is untrusted and still has deliveries, the next audit undoes them, in verified ranges as well."""
    work_on(pipeline, ALICE, BOB)
    with pipeline.store.transaction() as session:
        trust.set_trust(session, "bob", trust.UNTRUSTED)
    pipeline.audit()
    assert set(delivered(pipeline).values()) == {"alice"}
    work_on(pipeline, ALICE)
    assert content(pipeline.store) == small_content


@on_sqlite
def test_a_log_that_lies_to_all_costs_nobody_his_trust(
    pipeline: Pipeline, small_log: LocalLog, small_content: Tables
) -> None:
    """All deliver what the log altered, none oftener than the others; the true log is then collected."""
    lies = [Rule("alter", probability=1.0, index=span.start + 3) for span in SPANS]
    pipeline.server.faults = Faults(*lies)
    work(pipeline, ALICE, BOB)
    assert pipeline.audit() == 0
    assert delivered(pipeline) == {}
    assert [trust_in(pipeline, each) for each in (ALICE, BOB)] == ["trusted"] * 2
    pipeline.server.faults = Faults()
    work_on(pipeline, ALICE, BOB)
    assert content(pipeline.store) == small_content


@on_sqlite
def test_who_is_not_trusted_gets_no_orders(pipeline: Pipeline) -> None:
    """Even where nothing of it was ever false, and nobody else runs: its harvests would be refused."""
    present(pipeline, BOB)
    with pipeline.store.transaction() as session:
        trust.set_trust(session, "bob", trust.UNTRUSTED)
    assert avoided(pipeline.feed(), BOB) == SPANS


@on_sqlite
def test_a_log_that_answers_seldom_hides_no_forger(pipeline: Pipeline, small_log: LocalLog) -> None:
    """Of seven proofs it hardly ever gives all: the false deliveries that are found by then go, and so on."""
    mallory = Friend("mallory", forging(small_log))
    work(pipeline, ALICE, mallory)
    pipeline.server.faults = Faults(Rule("html", probability=0.7, endpoint="get-entry-and-proof"))
    for _ in range(60):
        pipeline.audit()
        with pipeline.store.transaction() as session:
            session.execute(update(RangeRow).values(audit_after=None))
    assert trust_in(pipeline, mallory) == "suspect"
    assert list(delivered(pipeline).values()).count("alice") == 4
    assert len(delivered(pipeline)) < len(SPANS)


@on_sqlite
def test_what_changed_during_the_audit_is_not_verified(pipeline: Pipeline, small_log: LocalLog) -> None:
    """While the log was asked the range was undone and brought again, falsely: the proof speaks of something else."""
    work(pipeline, ALICE)
    log_id = pipeline.log(small_log.name).log_id
    with pipeline.store.transaction() as session:
        case = audits.audit_case(session, log_id, 0)
        deliveries.discard_range(session, log_id, 0)
    work(pipeline, Friend("mallory", forging(small_log)))
    assert case
    assert pipeline.states() == {"full": 1}
    with pipeline.store.transaction() as session:
        audits.mark_verified(session, case, ())
    assert pipeline.states() == {"full": 1}


@on_sqlite
def test_a_range_of_unknown_origin_goes_as_a_whole(
    pipeline: Pipeline, small_log: LocalLog, small_content: Tables
) -> None:
    """Where no delivery tells who brought what, all of a false range is wanted again, and nobody is blamed."""
    mallory = Friend("mallory", forging(small_log))
    work(pipeline, ALICE, mallory)
    with pipeline.store.transaction() as session:
        session.execute(delete(DeliveryRow))
    assert pipeline.audit() == 0
    assert (pipeline.log(small_log.name).entries_done, trust_in(pipeline, mallory)) == (0, "trusted")
    work_on(pipeline, ALICE)
    assert content(pipeline.store) == small_content
    leaf_files_hold_the_sightings(pipeline, small_log)


@on_sqlite
def test_what_another_harvest_brought_keeps_its_file(pipeline: Pipeline, small_log: LocalLog) -> None:
    """A sub-range brought in two parts by two friends: when one part is false, its file goes and the other's stays."""
    order = order_for(pipeline, small_log, SPANS[0])
    (forged,), (whole,) = (Friend("mallory", forging(small_log)).collect(pipeline, order), BOB.collect(pipeline, order))
    send(pipeline, first_units(forged, 1, last=False), "mallory@here")
    send(pipeline, whole, BOB.worker)
    work(pipeline, ALICE)
    assert pipeline.audit() == 0
    assert min(delivered(pipeline)) == (UNIT_ENTRIES, SUBRANGE_ENTRIES)
    send(pipeline, whole, CAROL.worker)
    assert pipeline.audit() == 1
    holds_the_truth(pipeline, small_log)
    leaf_files_hold_the_sightings(pipeline, small_log)


@on_sqlite
@pytest.mark.parametrize(("field", "marker"), [("tbs_hash", b""), ("sct_list", SCT_LIST_OID)])
def test_what_a_forger_said_of_a_certificate_goes_with_it(
    open_fleet: OpenPipeline,
    small_log: LocalLog,
    small_twin: LocalLog,
    twin_content: Tables,
    field: str,
    marker: bytes,
) -> None:
    """A forged entry that passes for a certificate of another log leaves none of its fields on that certificate."""
    pipeline = with_share(open_fleet(small_log, small_twin), 0.0)
    index, byte = unnoticed(small_log, field, marker)
    mallory = Friend("mallory", lambda harvest: altered(small_log, harvest, index, byte))
    plan_small(pipeline, small_log.name)
    for order in pipeline.feed():
        (mallory if index in range(*order.span) else ALICE).bring(pipeline, order)
    plan_small(pipeline, small_twin.name)
    work(pipeline, ALICE)
    pipeline.audit()
    assert trust_in(pipeline, mallory) == "suspect"
    work_on(pipeline, ALICE)
    assert content(pipeline.store) == twin_content


def unnoticed(log: LocalLog, field: str, marker: bytes) -> tuple[int, int]:
    """(index, byte) behind the marker of a .jp entry where one bit changes this field and not the identity."""
    sound = [index for index, truth in enumerate(log.truth) if truth.jp_names and not truth.odd]
    for index in (index for index in sound if marker in log.entries[index].leaf_input):
        entry = log.entries[index]
        true = read_entry(index, entry.leaf_input, entry.extra_data).fields
        for byte in range(entry.leaf_input.index(marker), len(entry.leaf_input)):
            leaf = bytearray(entry.leaf_input)
            leaf[byte] ^= 1
            with suppress(MalformedEntry):
                false = read_entry(index, bytes(leaf), entry.extra_data).fields
                if false.identity == true.identity and getattr(false, field) not in ((), getattr(true, field)):
                    return index, byte
    raise AssertionError(field)

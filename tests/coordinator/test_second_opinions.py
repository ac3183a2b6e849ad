"""Second opinions: who keeps an entry back is found by another friend, and nobody can bring another into discredit."""

from dataclasses import replace

import pytest
from sqlalchemy import update

from ctcollect.harvest import Harvest, Order
from ctcollect.local_log import LocalLog
from ctcollect.local_log.faults import Faults
from ctcollect.local_log.rules import Rule
from ctcollect.models import SecondOpinionRow
from ctcollect.ranges import Span
from ctcollect.store import trust
from tests.coordinator.checking import checks, collected_by, in_pieces
from tests.coordinator.conftest import SEED, OpenPipeline, on_sqlite
from tests.coordinator.friends import (
    ALICE,
    BOB,
    SUBRANGE_ENTRIES,
    Friend,
    omitting,
    plan_small,
    refusals,
    replaced,
    send,
    trust_in,
    with_share,
    work,
    work_on,
)
from tests.coordinator.pipeline import Pipeline
from tests.coordinator.tables import Tables, content
from tests.coordinator.truth import leaf_files_hold_the_sightings

FIRST = Span(0, SUBRANGE_ENTRIES)


@pytest.fixture
def pipeline(open_fleet: OpenPipeline, small_log: LocalLog) -> Pipeline:
    """The small log in seven sub-ranges, each of which is to be checked."""
    pipeline = with_share(open_fleet(small_log), 1.0)
    plan_small(pipeline)
    return pipeline


def test_who_keeps_an_entry_back_is_found(pipeline: Pipeline, small_log: LocalLog, small_content: Tables) -> None:
    """Its roots are right and its ranges are verified, but a second friend sees more: all that it did is done again."""
    mallory = Friend("mallory", omitting)
    work(pipeline, mallory, ALICE)
    assert pipeline.audit() == 1
    work_on(pipeline, ALICE, BOB, mallory)
    assert [trust_in(pipeline, each) for each in (mallory, ALICE, BOB)] == ["untrusted", "trusted", "trusted"]
    assert content(pipeline.store) == small_content
    leaf_files_hold_the_sightings(pipeline, small_log)
    assert {(state, first) for state, first, _ in checks(pipeline).values()} <= {
        ("agreed", "alice"), ("agreed", "bob"), ("disagreed", "mallory"),
    }  # fmt: skip


@on_sqlite
def test_agreement_changes_nothing_but_the_check(pipeline: Pipeline) -> None:
    """What the second friend brings is not stored; the same answer again, or late, is no fault."""
    orders = collected_by(pipeline, ALICE, BOB)
    before = content(pipeline.store)
    for order in (*orders, *orders):
        BOB.bring(pipeline, order)
    assert set(checks(pipeline).values()) == {("agreed", "alice", "bob")}
    assert content(pipeline.store) == before
    assert refusals(pipeline) == []


def inventing(log: LocalLog, count: int = 1) -> Friend:
    """Claims .jp entries where the log holds others."""

    def invent(harvest: Harvest) -> Harvest:
        wanted = harvest.entries[0].leaf_input
        known = {entry.index for entry in harvest.entries}
        free = [index for index in range(*harvest.span) if index not in known][:count]
        return replaced(log, harvest, dict.fromkeys(free, wanted))

    return Friend("mallory", invent)


@on_sqlite
def test_who_invents_entries_harms_only_itself(pipeline: Pipeline, small_log: LocalLog, small_content: Tables) -> None:
    """The log knows nothing of them: the first friend keeps its trust, the second loses its own, bit by bit."""
    mallory = inventing(small_log)
    orders = collected_by(pipeline, ALICE, mallory)
    mallory.bring(pipeline, orders[0])
    assert (trust_in(pipeline, ALICE), trust_in(pipeline, mallory)) == ("trusted", "suspect")
    assert checks(pipeline)[orders[0].span] == ("agreed", "alice", "mallory")
    for order in orders[1:4]:
        mallory.bring(pipeline, order)
    assert (trust_in(pipeline, ALICE), trust_in(pipeline, mallory)) == ("trusted", "untrusted")
    assert {state for state, *_ in checks(pipeline).values()} == {"wanted", "out"}
    work_on(pipeline, ALICE, BOB)
    assert content(pipeline.store) == small_content


@on_sqlite
def test_many_inventions_do_not_set_the_log_under_fire(pipeline: Pipeline, small_log: LocalLog) -> None:
    """Of thirty entries that are not there sixteen are asked for; then somebody else is to check."""
    mallory = inventing(small_log, 30)
    orders = collected_by(pipeline, ALICE, mallory)
    mallory.bring(pipeline, orders[0])
    assert pipeline.server.stats()["endpoints"]["get-entry-and-proof"] == 16
    assert checks(pipeline)[orders[0].span][0] == "wanted"
    assert trust_in(pipeline, ALICE) == "trusted"


@on_sqlite
def test_who_keeps_back_in_a_check_is_condemned(pipeline: Pipeline) -> None:
    """An entry that the second friend left out is its own fault, even if nobody had heard of that friend before;
    somebody else checks what it was to check."""
    mallory = Friend("mallory", omitting)
    orders = collected_by(pipeline, ALICE, BOB)
    mallory.bring(pipeline, orders[0])
    assert (trust_in(pipeline, ALICE), trust_in(pipeline, mallory)) == ("trusted", "untrusted")
    assert checks(pipeline)[orders[0].span][0] == "wanted"
    work_on(pipeline, BOB, ALICE)
    assert set(checks(pipeline).values()) == {("agreed", "alice", "bob")}


@on_sqlite
def test_what_an_honest_worker_passes_over_is_not_kept_back(pipeline: Pipeline, small_log: LocalLog) -> None:
    """A true entry that nobody can read and that shows no .jp, sent along, says nothing against the first."""
    rubbish = next(
        i for i, each in enumerate(small_log.truth) if not each.readable and b".jp" not in leaf(small_log, i)
    )
    send_along = Friend("mallory", lambda harvest: with_true_entry(small_log, harvest, rubbish))
    for order in collected_by(pipeline, ALICE, send_along):
        send_along.bring(pipeline, order)
    assert trust_in(pipeline, ALICE) == "trusted"
    assert set(checks(pipeline).values()) == {("agreed", "alice", "mallory")}


def leaf(log: LocalLog, index: int) -> bytes:
    return log.entries[index].leaf_input


def with_true_entry(log: LocalLog, harvest: Harvest, index: int) -> Harvest:
    return replaced(log, harvest, {index: leaf(log, index)}) if index in range(*harvest.span) else harvest


@on_sqlite
def test_a_log_that_is_away_leaves_the_check_open(pipeline: Pipeline) -> None:
    """Nobody is judged while the log can't be asked; the check comes again when its lease has run out."""
    orders = collected_by(pipeline, Friend("mallory", omitting), BOB)
    pipeline.server.faults = Faults(Rule("html", probability=1.0, endpoint="get-entry-and-proof"))
    BOB.bring(pipeline, orders[0])
    assert trust_in(pipeline, Friend("mallory")) == "trusted"
    assert pipeline.feed() == []
    pipeline.server.faults = Faults()
    pipeline.expire_leases()
    assert orders[0].span in [order.span for order in pipeline.feed()]
    BOB.bring(pipeline, orders[0])
    assert trust_in(pipeline, Friend("mallory")) == "untrusted"


@on_sqlite
def test_a_log_that_proves_nothing_judges_nobody(pipeline: Pipeline, small_log: LocalLog) -> None:
    """A front end that shows the invented entry, in a tree that nobody signed, leaves the check open."""
    mallory = inventing(small_log)
    order = collected_by(pipeline, ALICE, mallory)[0]
    (harvest,) = mallory.collect(pipeline, order)
    entries = list(small_log.entries)
    for sent in harvest.entries:
        entries[sent.index] = replace(entries[sent.index], leaf_input=sent.leaf_input)
    pipeline.server.logs[small_log.name] = LocalLog(small_log.name, entries, SEED)
    send(pipeline, harvest, mallory.worker)
    assert [trust_in(pipeline, each) for each in (ALICE, mallory)] == ["trusted", "trusted"]
    assert checks(pipeline)[order.span][0] == "out"


@on_sqlite
def test_an_omission_is_found_in_any_piece(pipeline: Pipeline) -> None:
    """The last piece shows it as the first one would."""
    mallory = Friend("mallory", lambda harvest: replace(harvest, entries=harvest.entries[:-1]))
    order = collected_by(pipeline, mallory, BOB)[0]
    (whole,) = BOB.collect(pipeline, order)
    first, rest = in_pieces(whole)
    send(pipeline, first, BOB.worker)
    assert trust_in(pipeline, mallory) == "trusted"
    send(pipeline, rest, BOB.worker)
    assert (trust_in(pipeline, mallory), checks(pipeline)[order.span]) == ("untrusted", ("disagreed", "mallory", "bob"))


@on_sqlite
def test_an_answer_behind_the_verdict_judges_nobody(pipeline: Pipeline) -> None:
    """What was kept back was discarded since, with all else: that it is not there is nobody's fault any more."""
    mallory = Friend("mallory", omitting)
    order = collected_by(pipeline, mallory, BOB)[0]
    BOB.bring(pipeline, order)
    assert trust_in(pipeline, mallory) == "untrusted"
    with pipeline.store.transaction() as session:
        trust.set_trust(session, "mallory", trust.TRUSTED)
    BOB.bring(pipeline, order)
    assert trust_in(pipeline, mallory) == "trusted"
    assert refusals(pipeline) == []


@on_sqlite
def test_what_a_liar_agreed_to_is_checked_again(pipeline: Pipeline, small_log: LocalLog) -> None:
    """The agreement of a friend who is condemned later covers nobody's omissions."""
    accomplice = Friend("mallory")
    for order in collected_by(pipeline, ALICE, accomplice):
        accomplice.bring(pipeline, order)
    assert set(checks(pipeline).values()) == {("agreed", "alice", "mallory")}
    with pipeline.store.transaction() as session:
        session.execute(update(SecondOpinionRow).where(SecondOpinionRow.start_index == 0).values(state="out"))
    Friend("mallory", omitting).bring(pipeline, replace(pipeline_order(pipeline, small_log), purpose="check"))
    assert trust_in(pipeline, accomplice) == "untrusted"
    assert {state for state, *_ in checks(pipeline).values()} == {"wanted"}


def pipeline_order(pipeline: Pipeline, log: LocalLog) -> Order:
    row = pipeline.log(log.name)
    return Order(row.log_id, row.name, row.url, row.kind, row.queue, *FIRST, batch_entries=32)

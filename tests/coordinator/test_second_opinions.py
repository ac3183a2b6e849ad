"""Second opinions: who keeps an entry back is found by another friend, and nobody can bring another into discredit."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select, update

from ctcollect.errors import LogUnavailable
from ctcollect.harvest import Harvest, Order
from ctcollect.local_log import LocalLog
from ctcollect.local_log.faults import Faults
from ctcollect.local_log.rules import Rule
from ctcollect.models import LogRow, SecondOpinionRow
from ctcollect.ranges import UNIT_ENTRIES, Span
from ctcollect.store import trust
from tests.coordinator.conftest import SEED, SMALL_ENTRIES, OpenPipeline, on_sqlite, published
from tests.coordinator.friends import (
    ALICE,
    BOB,
    CAROL,
    SUBRANGE_ENTRIES,
    Friend,
    avoided,
    first_units,
    forging,
    omitting,
    plan_small,
    present,
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
from tests.coordinator.truth import holds_the_truth, leaf_files_hold_the_sightings

FIRST = Span(0, SUBRANGE_ENTRIES)


@pytest.fixture
def pipeline(open_fleet: OpenPipeline, small_log: LocalLog) -> Pipeline:
    """The small log in seven sub-ranges, each of which is to be checked."""
    pipeline = with_share(open_fleet(small_log), 1.0)
    plan_small(pipeline)
    return pipeline


def checks(pipeline: Pipeline) -> dict[Span, tuple[str, str, str | None]]:
    """Span -> (state, first friend, second friend)."""
    with pipeline.store.reading() as session:
        rows = session.scalars(select(SecondOpinionRow).order_by(SecondOpinionRow.start_index))
        return {Span(r.start_index, r.end_index): (r.state, r.first_friend, r.second_friend) for r in rows}


def collected_by(pipeline: Pipeline, friend: Friend, other: Friend) -> list[Order]:
    """All is brought by ``friend``; what goes out then, for ``other`` to check."""
    work(pipeline, friend)
    present(pipeline, other)
    orders = pipeline.feed()
    assert {order.purpose for order in orders} == {"check"}
    assert avoided(orders, friend) == [order.span for order in orders] == list(checks(pipeline))
    return orders


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
def test_agreement_changes_nothing_but_the_check(pipeline: Pipeline) -> None:
    """What the second friend brings is not stored; the same answer again, or late, is no fault."""
    orders = collected_by(pipeline, ALICE, BOB)
    before = content(pipeline.store)
    for order in (*orders, *orders):
        BOB.bring(pipeline, order)
    assert set(checks(pipeline).values()) == {("agreed", "alice", "bob")}
    assert content(pipeline.store) == before
    assert refusals(pipeline) == []


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


def filler(log: LocalLog) -> int:
    """The first entry that is not .jp."""
    return next(index for index, truth in enumerate(log.truth) if truth.readable and not truth.jp_names)


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
    for order in orders[1:3]:
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


def in_pieces(harvest: Harvest) -> tuple[Harvest, Harvest]:
    """The harvest's first unit and its rest, as a worker sends them whose answers are large."""
    middle = harvest.start + UNIT_ENTRIES
    rest = replace(
        harvest,
        start=middle,
        unit_roots=harvest.unit_roots[32:],
        entries=tuple(entry for entry in harvest.entries if entry.index >= middle),
    )
    return first_units(harvest, 1, last=False), rest


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
def test_a_check_that_ends_early_is_wanted_again(pipeline: Pipeline) -> None:
    """A worker that ran out of time has agreed to nothing; what it did compare counts when the rest comes."""
    order = collected_by(pipeline, ALICE, BOB)[0]
    (whole,) = BOB.collect(pipeline, order)
    send(pipeline, first_units(whole, 1, last=True), BOB.worker)
    assert checks(pipeline)[order.span][0] == "wanted"
    assert [again.span for again in pipeline.feed()] == [order.span]
    send(pipeline, in_pieces(whole)[1], CAROL.worker)
    assert checks(pipeline)[order.span] == ("agreed", "alice", "carol")


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

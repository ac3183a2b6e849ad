"""Harvests that come together share a transaction, and none of them another one's fate."""

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from ctcollect.coordinator.entries import read_entries
from ctcollect.coordinator.group_commit import GroupCommit
from ctcollect.coordinator.recording import Piece, record_pieces
from ctcollect.coordinator.senders import Sender
from ctcollect.errors import HarvestRefused, StoreUnavailable
from ctcollect.harvest import Harvest
from ctcollect.local_log import LocalLog
from ctcollect.store import Outcome, Reading, Store, accounts, utc_now
from ctcollect.store.trust import UNTRUSTED, set_trust
from tests.coordinator.conftest import OpenPipeline, on_sqlite
from tests.coordinator.friends import ALICE, BOB, delivered, plan_small, present, with_share
from tests.coordinator.pipeline import Pipeline
from tests.coordinator.test_poison import failing

BY_ALICE = Sender(ALICE.worker, is_proven=True)
CAROL = Sender("carol@here", is_proven=False)


@pytest.fixture
def pipeline(open_fleet: OpenPipeline, small_log: LocalLog) -> Pipeline:
    """The small log in seven sub-ranges; two friends run."""
    pipeline = with_share(open_fleet(small_log), 0.0)
    plan_small(pipeline)
    present(pipeline, ALICE, BOB)
    return pipeline


def piece(harvest: Harvest, sender: Sender = BY_ALICE) -> Piece:
    """A harvest that was read, all of it; its leaf file is only named."""
    found, unreadable = read_entries(harvest.entries)
    files = {harvest.span: "leaf file"}
    who = (sender.worker, sender.friend)
    return Piece(sender, Reading(harvest, *who, [harvest.span], found, unreadable, files, utc_now()), {})


@on_sqlite
def test_one_that_fails_takes_no_other_with_it(pipeline: Pipeline) -> None:
    """Of a group with one that the database does not take the others are recorded, and that one says why it is not."""
    poison, *others = pipeline.harvests()
    with failing(pipeline, "sightings", f"NEW.leaf_index = {poison.entries[0].index}"):
        first, *rest = record_pieces(pipeline.context, [piece(each) for each in (poison, *others)])
    assert isinstance(first, StoreUnavailable)
    assert all(isinstance(each, Outcome) and each.is_new for each in rest)
    assert list(delivered(pipeline)) == [each.span for each in others]


@on_sqlite
def test_each_is_judged_by_its_own_sender(pipeline: Pipeline) -> None:
    """Who is not trusted, or names a friend who has an account, is refused; what comes twice is stored once."""
    first, second, third, *_ = pipeline.harvests()
    with pipeline.store.transaction() as session:
        set_trust(session, BOB.name, UNTRUSTED)
        accounts.put_account(session, CAROL.friend, "", ["google"])
    bob = Sender(BOB.worker, is_proven=True)
    group = [piece(first), piece(first), piece(second, bob), piece(third, CAROL)]
    once, again, *refused = record_pieces(pipeline.context, group)
    assert isinstance(once, Outcome)
    assert once.is_new
    assert again is None
    assert all(isinstance(each, HarvestRefused) for each in refused)
    assert [str(each) for each in refused] == [
        "bob is not trusted",
        "carol has an account, and this did not come by it",
    ]
    assert list(delivered(pipeline)) == [first.span]


@pytest.mark.parametrize("database_url", ["mysql"], indirect=True)
def test_many_take_no_more_statements_than_one(pipeline: Pipeline) -> None:
    """As MariaDB counts them: a statement is for all harvests of a group; a few are for what only some of them hold."""
    first, second, *others = [piece(each) for each in pipeline.harvests()]
    record_pieces(pipeline.context, [first])  # what a first one of a day makes is there
    one = statements_of(pipeline, [second])
    assert statements_of(pipeline, others) <= one + 5
    assert len(delivered(pipeline)) == 2 + len(others) == 7


def statements_of(pipeline: Pipeline, pieces: Sequence[Piece]) -> int:
    before = questions(pipeline.store)
    record_pieces(pipeline.context, pieces)
    return questions(pipeline.store) - before


def questions(store: Store) -> int:
    with store.reading() as session:
        return int(session.execute(text("SHOW GLOBAL STATUS LIKE 'Questions'")).one()[1])


def test_who_comes_while_others_are_worked_on_makes_up_the_next_group() -> None:
    """The first one does not wait for company; the five behind it share a group; each gets its own result."""
    groups: list[list[int]] = []
    commits: GroupCommit[int, int] = GroupCommit()
    begun, may_end = threading.Event(), threading.Event()

    def work(items: Sequence[int]) -> list[int | Exception]:
        groups.append(sorted(items))
        begun.set()
        assert may_end.wait(10)
        return [ValueError("three") if item == 3 else 10 * item for item in items]

    with ThreadPoolExecutor(6) as threads:
        first = threads.submit(commits.do, 0, work)
        assert begun.wait(10)
        others = [threads.submit(commits.do, item, work) for item in range(1, 6)]
        while len(commits.waiting) < len(others):
            threading.Event().wait(0.01)
        may_end.set()
        assert first.result() == 0
        assert [each.result() for each in others if each is not others[2]] == [10, 20, 40, 50]
        with pytest.raises(ValueError, match="three"):
            others[2].result()
    assert groups == [[0], [1, 2, 3, 4, 5]]


def test_those_who_come_one_by_one_share_a_group_too() -> None:
    """The first one at once; then a group begins when its time has come, or when it is large enough."""
    groups: list[list[int]] = []
    commits: GroupCommit[int, int] = GroupCommit(every_seconds=1.0, enough=3)

    def work(items: Sequence[int]) -> list[int]:
        groups.append(sorted(items))
        return list(items)

    begun = time.monotonic()
    assert commits.do(0, work) == 0
    with ThreadPoolExecutor(3) as threads:
        assert list(threads.map(lambda item: commits.do(item, work), (1, 2))) == [1, 2]
        first_two = time.monotonic() - begun
        assert list(threads.map(lambda item: commits.do(item, work), (3, 4, 5))) == [3, 4, 5]
    assert groups == [[0], [1, 2], [3, 4, 5]]
    assert 1.0 <= first_two < time.monotonic() - begun < first_two + 0.9

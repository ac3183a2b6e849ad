"""Trust: what false deliveries say about a friend, beside those of the others."""

import pytest
from sqlalchemy import func, select

from ctcollect.models import DeliveryRow, WorkerRow
from ctcollect.store import Store, trust, utc_now
from ctcollect.store.workers import WorkerSign, note_signs
from tests.store.conftest import LOG_ID


@pytest.mark.parametrize(
    ("bad", "total", "others_bad", "others_total", "verdict"),
    [
        (0, 0, 0, 0, "trusted"),
        (0, 10, 5, 10, "trusted"),
        (1, 1_000, 0, 1_000, "suspect"),
        (2, 2, 0, 1_000, "suspect"),
        (3, 3, 0, 0, "suspect"),
        (3, 3, 0, 3, "suspect"),
        (3, 3, 0, 10, "untrusted"),
        (3, 1_000, 0, 10_000, "untrusted"),
        (3, 1_000, 0, 100, "suspect"),
        (4, 50, 2, 150, "suspect"),
        (8, 50, 2, 150, "untrusted"),
        (50, 100, 50, 100, "trusted"),
        (100, 100, 30, 100, "untrusted"),
        (100, 100, 40, 100, "suspect"),
        (1, 40, 1, 120, "suspect"),
        (1, 40, 2, 120, "trusted"),
    ],
    ids=[
        "a newcomer", "clean among others who are not", "one false delivery of many", "two are not enough",
        "nobody to compare with", "the others have few", "three where the others have none",
        "seldom, but the others never", "no more than chance would give", "bad luck", "no bad luck any more",
        "a log that lies to all", "far worse than the others", "not far enough",
        "more than twice as often as the others", "not twice as often",
    ],
)  # fmt: skip
def test_what_false_deliveries_say(bad: int, total: int, others_bad: int, others_total: int, verdict: str) -> None:
    """Suspect: one where others have none, else twice their share. Untrusted: three times it, and hardly by chance."""
    assert trust.judge(bad, total, others_bad, others_total) == verdict


def test_trust_is_the_friends_not_the_workers(store: Store) -> None:
    """A friend's least trusted worker stands for all of them, new ones too; trust given anew forgets the past."""
    with store.transaction() as session:
        note_signs(session, [WorkerSign("mallory@one", utc_now())])
        trust.count_false_deliveries(session, {"mallory@one": 1})
        assert trust.reassess(session, ["mallory"]) == []
        note_signs(session, [WorkerSign("mallory@two", utc_now()), WorkerSign("alice@one", utc_now())])
        assert [trust.trust_of(session, name) for name in ("mallory", "alice", "nobody")] == [
            "suspect", "trusted", "trusted",
        ]  # fmt: skip
        trust.set_trust(session, "mallory", trust.UNTRUSTED)
        assert trust.friends_with(session, [trust.UNTRUSTED]) == {"mallory"}
        assert trust.reassess(session, ["mallory"]) == []
        assert trust.trust_of(session, "mallory") == "untrusted"
        trust.set_trust(session, "mallory", trust.TRUSTED)
        trust.count_false_deliveries(session, {"mallory@two": 1})
        trust.reassess(session, ["mallory"])
        assert trust.trust_of(session, "mallory") == "suspect"


def test_suspicion_ends_when_the_others_fare_no_better(store: Store) -> None:
    """The first one to whom a log lies is suspect until it has lied to the others as well; it stays counted."""
    with store.transaction() as session:
        note_signs(session, [WorkerSign("alice@one", utc_now()), WorkerSign("bob@one", utc_now())])
        trust.count_false_deliveries(session, {"alice@one": 1})
        trust.reassess(session, ["alice"])
        assert trust.friends_with(session, [trust.SUSPECT]) == {"alice"}
        trust.count_false_deliveries(session, {"bob@one": 1})
        assert trust.reassess(session, ["bob"]) == []
        assert trust.friends_with(session, [trust.SUSPECT]) == set()
        assert session.scalar(select(func.sum(WorkerRow.bad_deliveries))) == 2


def test_nobody_falls_by_what_others_do(store: Store) -> None:
    """Three false ones while the others had theirs too; when these deliver well again, that is no new fault of his."""
    with store.transaction() as session:
        note_signs(session, [WorkerSign(f"{name}@one", utc_now()) for name in ("alice", "bob", "carol")])
        trust.count_false_deliveries(session, {"alice@one": 3})
        assert trust.reassess(session, ["alice"]) == []
        for number in range(100):
            row = {"start_index": 32 * number, "end_index": 32 * number + 32, "range_start": 0, "nodes": []}
            session.add(DeliveryRow(log_id=LOG_ID, worker="bob@one", friend="bob", recorded_at=utc_now(), **row))
        trust.count_false_deliveries(session, {"bob@one": 1})
        assert trust.reassess(session, ["bob"]) == []
        assert trust.friends_with(session, [trust.SUSPECT]) == {"alice"}
        trust.count_false_deliveries(session, {"alice@one": 1})
        assert trust.reassess(session, ["alice"]) == ["alice"]

"""Credit for verified entries: given once, taken back when a range is opened again, and nobody else's by then."""

from collections import Counter
from datetime import timedelta
from typing import Any

import alembic.command
import pytest
from sqlalchemy import select, update

from ctcollect.coordinator import distrust
from ctcollect.errors import ConfigurationError
from ctcollect.local_log import LocalLog
from ctcollect.models import CreditRow, DeliveryRow, RangeRow
from ctcollect.store import deliveries as deliveries_of
from ctcollect.store import schema, utc_now
from ctcollect.store.friend_detail import friend_document, friend_history
from ctcollect.store.leaderboard import PERIODS, Credit, leaderboard, ranks
from tests.coordinator.conftest import ENTRIES, OpenPipeline, on_sqlite, published
from tests.coordinator.pipeline import Pipeline
from tests.coordinator.tables import dump

ALICE, BOB = "alice@here", "bob@there"


def credit(pipeline: Pipeline) -> dict[str, tuple[int, int]]:
    """By friend (entries, certificates), after a look whether all sums agree: by log, by day, by hour, in all."""
    with pipeline.store.reading() as session:
        boards = [leaderboard(session, period)["friends"] for period in PERIODS]
        by_log = Counter[str]()
        for row in session.scalars(select(CreditRow)):
            by_log[row.friend] += row.entries
        histories = {each["friend"]: friend_history(session, each["friend"]) for each in boards[0]}
    brought = [{each["friend"]: (each["entries"], each["certificates"]) for each in board} for board in boards]
    assert brought[0] == brought[1] == brought[2]
    assert {friend: entries for friend, (entries, _) in brought[0].items() if entries} == dict(+by_log)
    for friend, history in histories.items():
        assert sum(day["entries"] for day in history) == brought[0][friend][0]
    return brought[0]


def deliveries(pipeline: Pipeline) -> dict[str, tuple[int, int]]:
    """By friend (entries, certificates) of the deliveries of all ranges that are verified."""
    found: dict[str, Counter[str]] = {}
    verified = (RangeRow.log_id == DeliveryRow.log_id) & (RangeRow.start_index == DeliveryRow.range_start)
    with pipeline.store.reading() as session:
        statement = select(DeliveryRow).join(RangeRow, verified).where(RangeRow.state == "verified")
        for row in session.scalars(statement):
            counts = found.setdefault(row.friend, Counter())
            counts.update(entries=row.end_index - row.start_index, certificates=row.certificates)
    return {friend: (counts["entries"], counts["certificates"]) for friend, counts in found.items()}


def collect_in_halves(pipeline: Pipeline) -> None:
    """Alice brings the first sub-range, Bob the others."""
    first, *others = pipeline.feed()
    pipeline.record(pipeline.collect([first], ALICE), ALICE)
    pipeline.record(pipeline.collect(others, BOB), BOB)


def board(pipeline: Pipeline, period: str = "all") -> list[dict[str, Any]]:
    with pipeline.store.reading() as session:
        friends: list[dict[str, Any]] = leaderboard(session, period)["friends"]
    return friends


def test_what_is_proven_counts_once_for_who_brought_it(pipeline: Pipeline) -> None:
    """Nothing before the audit; then every entry and every certificate has one friend, also when it runs twice."""
    collect_in_halves(pipeline)
    assert credit(pipeline) == {"alice": (0, 0), "bob": (0, 0)}
    assert [each["rank"] for each in board(pipeline)] == [None, None]
    assert pipeline.audit() == 1
    earned = credit(pipeline)
    assert earned == deliveries(pipeline)
    assert sum(entries for entries, _ in earned.values()) == ENTRIES
    assert sum(new for _, new in earned.values()) == pipeline.status()["totals"]["certificates"]
    assert pipeline.audit() == 0
    assert credit(pipeline) == earned
    assert [(each["rank"], each["friend"], each["days"]) for each in board(pipeline)] == [
        (1, "bob", 1),
        (2, "alice", 1),
    ]


def test_what_is_opened_again_is_taken_back(pipeline: Pipeline) -> None:
    """Bob is found to be wrong: nobody has credit until it is proven again, then those who brought what stands."""
    collect_in_halves(pipeline)
    pipeline.audit()
    distrust.condemn(pipeline.context, "bob", "for this test")
    assert credit(pipeline) == {"alice": (0, 0), "bob": (0, 0)}
    pipeline.record(pipeline.collect(pipeline.feed(), ALICE), ALICE)
    assert pipeline.audit() == 1
    earned = credit(pipeline)
    assert (earned["alice"][0], earned["bob"]) == (ENTRIES, (0, 0))
    assert earned["alice"] == deliveries(pipeline)["alice"]


@on_sqlite
def test_a_log_that_grows_gives_no_credit_twice(open_fleet: OpenPipeline, log: LocalLog) -> None:
    """Its last range is verified, grows, and is verified again: each entry counts once, for the day it was brought."""
    short = published(log, 1_050)
    pipeline = open_fleet(short)
    pipeline.plan()
    pipeline.record(pipeline.collect(pipeline.feed(), ALICE), ALICE)
    pipeline.audit()
    assert credit(pipeline)["alice"][0] == 1_050
    short.publish(ENTRIES)
    pipeline.plan()
    assert credit(pipeline)["alice"] == (0, 0)
    pipeline.record(pipeline.collect(pipeline.feed(), BOB), BOB)
    assert pipeline.audit() == 1
    earned = credit(pipeline)
    assert earned == deliveries(pipeline)
    assert sum(entries for entries, _ in earned.values()) == ENTRIES


def test_a_friends_page_has_its_figures(pipeline: Pipeline) -> None:
    """Ranks by period, workers with what they brought and how fast, credit by log; the name of nobody is told so."""
    collect_in_halves(pipeline)
    pipeline.audit()
    with pipeline.store.reading() as session:
        found = friend_document(session, "bob")
    assert found["standings"]["all"] == {"rank": 1, "entries": ENTRIES - 1024} | {
        name: found["standings"]["24h"][name] for name in ("certificates", "days")
    }
    (worker,) = found["workers"]
    assert (worker["name"], worker["entries"], worker["running"]) == (BOB, ENTRIES - 1024, True)
    (queue,) = worker["queues"]
    assert queue["queue"] == "google"
    assert queue["entries_per_second"] > 0
    assert queue["requests_per_second"] > 0
    assert queue["refused_share"] == 0
    assert [(each["log"], each["entries"]) for each in found["logs"]] == [("demo-google", ENTRIES - 1024)]


def test_equals_share_a_rank() -> None:
    """The next one's rank counts all who are before; of equal entries more certificates decide; nothing is no rank."""
    credit = {"a": Credit(5, 1), "b": Credit(9, 0), "c": Credit(5, 1), "d": Credit(5, 0), "e": Credit(0, 0)}
    assert ranks(credit) == {"b": 1, "a": 2, "c": 2, "d": 4}


@on_sqlite
def test_a_period_has_what_was_brought_in_it(pipeline: Pipeline) -> None:
    """Brought 30 hours ago: this week's, not of the last 24 hours; a month ago: only in all; no other period."""
    for hours, expected in ((30, (0, ENTRIES, ENTRIES)), (720, (0, 0, ENTRIES))):
        pipeline.collect_all()
        with pipeline.store.transaction() as session:
            session.execute(update(DeliveryRow).values(recorded_at=utc_now() - timedelta(hours=hours)))
        pipeline.audit()
        assert tuple(board(pipeline, period)[0]["entries"] for period in PERIODS) == expected
        with pipeline.store.transaction() as session:
            deliveries_of.discard_range(session, pipeline.log("demo-google").log_id, 0)
    with pytest.raises(ConfigurationError, match="is no period"):
        board(pipeline, "1y")


def test_what_was_verified_before_gets_its_credit(pipeline: Pipeline) -> None:
    """A database of the version before: the migration gives what the audit would have given, and names the bringers."""
    collect_in_halves(pipeline)
    pipeline.audit()
    before = credited(pipeline)
    with pipeline.store.engine.connect() as connection:
        config = schema._config(connection)
        alembic.command.downgrade(config, "0008")
        alembic.command.upgrade(config, "head")
        connection.commit()
    assert credited(pipeline) == before
    assert len(before["credits"]) == 2
    assert before["brought_by"] == [("bob",)]


def credited(pipeline: Pipeline) -> dict[str, list[tuple[Any, ...]]]:
    """Every row that says who brought what."""
    tables = dump(pipeline.store)
    with pipeline.store.reading() as session:
        bringers = [tuple(row) for row in session.execute(select(RangeRow.brought_by))]
    names = ("credits", "credit_days", "credit_hours", "credit_totals", "deliveries")
    return {name: tables[name] for name in names} | {"brought_by": bringers}

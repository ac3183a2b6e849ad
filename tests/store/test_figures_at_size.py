"""The pages' figures stay cheap: MariaDB is asked by which index, and how many rows, it answers each of them."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import event

from ctcollect.store import Store, schema
from ctcollect.store.faults import log_faults
from ctcollect.store.friend_detail import friend_document, friend_history
from ctcollect.store.leaderboard import PERIODS, leaderboard
from ctcollect.store.log_history import head_history, log_days, malformed_page
from ctcollect.store.range_block import range_block
from ctcollect.store.range_map import range_map
from tests.services.mariadb import MariadbServer
from tests.store.figures import LENGTH, fill

RANGES, OTHERS_RANGES = 4_000, 3_000
# What grows with the collection: by what of it a question may find its rows, and never row by row.
GROWING = {"ranges", "deliveries", "tree_heads", "malformed", "daily_counts", "credit_days", "credit_hours", "credits"}
NEVER_ASKED = {"sightings", "certificates", "certificate_names", "contributions"}
BY_KEY = {"const", "eq_ref", "ref", "range"}
MAP_INDEX, HEADS_INDEX = "ix_ranges_log_id_state_brought_by_brought_at", "ix_tree_heads_log_id_timestamp_ms"
QUESTIONS: list[tuple[Any, ...]] = [
    (range_map, "big", 2_000),
    (range_block, "big", 0, 64 * LENGTH),
    (head_history, "big", 3_660, 1_000),
    (log_days, "big", 365),
    (malformed_page, "big", 1_000),
    (log_faults, "big"),
    (friend_document, "friend7"),
    (friend_history, "friend7"),
    *((leaderboard, period) for period in PERIODS),
]


@pytest.fixture(scope="module")
def store(mariadb_server: MariadbServer) -> Iterator[Store]:
    """A collection as it is after a year; nobody writes to it."""
    mariadb_server.start()
    store = Store(mariadb_server.create_database("figures_at_size"))
    schema.upgrade(store)
    fill(store, RANGES, OTHERS_RANGES)
    yield store
    store.close()
    mariadb_server.drop_database("figures_at_size")


def plans(store: Store, question: Callable[..., Any], *arguments: Any) -> list[dict[str, Any]]:
    """How the server carries out each statement of a question: the lines of its EXPLAIN."""
    asked: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        asked.append((statement, parameters))

    event.listen(store.engine, "before_cursor_execute", note)
    with store.reading() as session:
        question(session, *arguments)
    event.remove(store.engine, "before_cursor_execute", note)
    with store.engine.connect() as connection:
        return [
            dict(line)
            for statement, parameters in asked
            for line in connection.exec_driver_sql(f"EXPLAIN {statement}", parameters).mappings()
        ]


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: f"{question[0].__name__}-{question[1]}")
def test_a_question_finds_its_rows_by_an_index(store: Store, question: tuple[Any, ...]) -> None:
    """No table that grows is read row by row, none of those with millions of rows is read at all."""
    lines = plans(store, *question)
    assert lines
    for line in lines:
        assert line["table"] not in NEVER_ASKED, line
        assert line["table"] not in GROWING or line["type"] in BY_KEY, line


def test_the_map_and_the_heads_are_read_from_an_index_alone(store: Store) -> None:
    """The rows of a log's ranges, wide as they are, are left alone, but those that are out; so are its heads'."""
    used = {(line["table"], line["key"]): line["Extra"] for line in plans(store, range_map, "big", 2_000)}
    assert "Using index" in used["ranges", MAP_INDEX]
    used = {(line["table"], line["key"]): line["Extra"] for line in plans(store, head_history, "big", 30)}
    assert "Using index" in used["tree_heads", HEADS_INDEX]


def test_the_map_counts_every_range_of_its_log_and_no_other(store: Store) -> None:
    """In as many blocks as were asked for, with the friend whose ranges are most of each."""
    with store.reading() as session:
        found = range_map(session, "big", cells=400)
        friends = {each["friend"]: each for each in leaderboard(session, "all")["friends"]}
    assert len(found["blocks"]) == 400
    totals = {name: sum(block[name] for block in found["blocks"]) for name in ("open", "full", "verified", "unwanted")}
    assert totals == {"open": 665, "full": 665, "verified": 2_670, "unwanted": 0}
    assert [block["friend"] for block in found["blocks"][:3]] == ["friend0", "friend1", "friend2"]
    assert friends["friend99"]["rank"] == 1

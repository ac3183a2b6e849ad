"""The map of a log and its blocks: every range in one of five states, with who brought it and when."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from ctcollect.errors import ConfigurationError
from ctcollect.models import LeaseRow, LogRow, RangeRow
from ctcollect.ranges import RANGE_ENTRIES, Span, UnitBitmap
from ctcollect.store import Store, ledger, schema, utc_now
from ctcollect.store.log_history import head_history, log_days, malformed_page
from ctcollect.store.range_block import range_block
from ctcollect.store.range_map import range_map
from tests.store.rows import add_day, add_delivery, add_head, add_log, add_malformed

# The tree's end cuts the sixth range off; the fifth and the last one are not wanted.
SIZE = 6 * RANGE_ENTRIES + 100
STATES = ("open", "out", "full", "verified", "unwanted")


@pytest.fixture(scope="module", params=["sqlite", "mysql"])
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One for all of these tests, of which none changes what another one asks for.

    The log "demo": a verified range, a full one, one that is out, an open one, three that nobody wants."""
    url = f"sqlite:///{tmp_path_factory.mktemp('map')}/ct.sqlite"
    if request.param == "mysql":
        url = request.getfixturevalue("mariadb_server").create_database("range_map")
    store = Store(url)
    schema.upgrade(store)
    with store.transaction() as session:
        log = add_log(session, "demo", tree_size=SIZE)
        ledger.want(session, log, Span(0, 4 * RANGE_ENTRIES), SIZE)
        for number, state in enumerate(("verified", "full", "open", "open")):
            _bring(session, log, number, state)
        lease = {"queue": "google", "issued_at": utc_now(), "issued_until": utc_now() + timedelta(hours=1)}
        span = {"start_index": 2 * RANGE_ENTRIES + 1024, "end_index": 2 * RANGE_ENTRIES + 2048}
        session.add(LeaseRow(log_id=log.log_id, **span, range_start=2 * RANGE_ENTRIES, **lease))
        add_log(session, "other", tree_size=SIZE)
    yield store
    store.close()


def _bring(session: Any, log: LogRow, number: int, state: str) -> None:
    """Alice brings the first 1,024 entries of a range, Bob the rest of one that is not open."""
    span = Span(number * RANGE_ENTRIES, (number + 1) * RANGE_ENTRIES)
    bitmap = UnitBitmap(span)
    pieces = {"alice": Span(span.start, span.start + 1024)}
    if state != "open":
        pieces["bob"] = Span(span.start + 1024, span.end)
    for friend, piece in pieces.items():
        bitmap.add(piece)
        add_delivery(session, log, friend, piece)
    values = {"state": state, "units_done": bitmap.to_bytes(), "brought_by": list(pieces)[-1], "brought_at": utc_now()}
    mine = (RangeRow.log_id == log.log_id, RangeRow.start_index == span.start)
    session.execute(update(RangeRow).where(*mine).values(**values))


def test_the_map_has_each_range_in_one_state(store: Store) -> None:
    """Cell by cell; a range of which something is out is not counted as open; what nobody wants is told as such."""
    with store.reading() as session:
        found = range_map(session, "demo", cells=7)
        other = range_map(session, "other", cells=1)
    assert found["block_entries"] == RANGE_ENTRIES
    counts = [[block[state] for state in STATES] for block in found["blocks"]]
    verified, full, out, is_open, nobody = (
        [0, 0, 0, 1, 0],
        [0, 0, 1, 0, 0],
        [0, 1, 0, 0, 0],
        [1, 0, 0, 0, 0],
        [0] * 4 + [1],
    )
    assert counts == [verified, full, out, is_open, nobody, nobody, nobody]
    assert [block["friend"] for block in found["blocks"]] == ["bob", "bob", "alice", "alice", None, None, None]
    assert [block["last_at"] is not None for block in found["blocks"]] == [True] * 4 + [False] * 3
    assert found["blocks"][-1]["end"] == SIZE
    assert [block["unwanted"] for block in other["blocks"]] == [7]


def test_a_map_has_no_more_cells_than_are_asked_for(store: Store) -> None:
    """Blocks hold several ranges then, and name who brought most of them; nonsense is taken as the next sense."""
    with store.reading() as session:
        three = range_map(session, "demo", cells=3)["blocks"]
        assert [[block[state] for state in STATES] for block in three] == [
            [0, 1, 1, 1, 0],
            [1, 0, 0, 0, 2],
            [0, 0, 0, 0, 1],
        ]
        assert [block["friend"] for block in three] == ["bob", "alice", None]
        assert len(range_map(session, "demo", cells=-5)["blocks"]) == 1
        assert len(range_map(session, "demo", cells=10**9)["blocks"]) == 7


def test_a_block_tells_each_range_and_who_brought_it(store: Store) -> None:
    """Units done, friends with their entries, and a second page where the first one ends."""
    with store.reading() as session:
        first = range_block(session, "demo", 0, SIZE, limit=3)
        rest = range_block(session, "demo", first["next"], SIZE)
        nothing = range_block(session, "demo", -10, -1)
    told = [(each["state"], each["units_done"], each["units"]) for each in first["ranges"] + rest["ranges"]]
    assert told == [("verified", 4096, 4096), ("full", 4096, 4096), ("out", 32, 4096), ("open", 32, 4096)]
    brought = [(each["friend"], each["entries"]) for each in first["ranges"][0]["friends"]]
    assert brought == [("bob", RANGE_ENTRIES - 1024), ("alice", 1024)]
    assert rest["next"] is None
    assert nothing == {"log": "demo", "ranges": [], "next": None}


def test_an_unknown_log_is_told_in_a_line(store: Store) -> None:
    """Every question about a log."""
    questions = (
        range_map,
        head_history,
        log_days,
        malformed_page,
        lambda session, log: range_block(session, log, 0, 1),
    )
    for question in questions:
        with pytest.raises(ConfigurationError, match="there is no log named"), store.reading() as session:
            question(session, "<script>")


def test_heads_over_time_are_few_and_the_last_ones(store: Store) -> None:
    """A hundred heads of ten days in at most eleven points, in order, each the last of its stretch.

    Before those of a shorter time comes the one that was in force when it began.
    """
    with store.transaction() as session:
        for number in range(100):
            add_head(session, "demo", size=number, hours_ago=(100 - number) * 2.4 - 1)
    with store.reading() as session:
        found = head_history(session, "demo", days=10, points=10)
        assert [each["tree_size"] for each in head_history(session, "demo", days=-3)] == list(range(89, 100))
    assert 10 <= len(found) <= 11
    sizes = [each["tree_size"] for each in found]
    assert sizes == sorted(sizes)
    assert sizes[-1] == 99
    assert found == sorted(found, key=lambda each: each["timestamp"])


def test_days_and_unreadable_entries_are_those_of_the_log(store: Store) -> None:
    """The last days in order; unreadable entries page by page, each with its reason and size."""
    with store.transaction() as session:
        for days_ago, log in ((0, "demo"), (1, "demo"), (40, "demo"), (0, "other")):
            add_day(session, log, days_ago, entries=10 + days_ago)
        for index in (5, 6, 7):
            add_malformed(session, "demo", index, b"x" * index)
    with store.reading() as session:
        assert [each["entries"] for each in log_days(session, "demo", days=30)] == [11, 10]
        first = malformed_page(session, "demo", limit=2)
        last = malformed_page(session, "demo", after=first["next"], limit=2)
    assert [(each["index"], each["bytes"]) for each in first["malformed"] + last["malformed"]] == [
        (5, 5),
        (6, 6),
        (7, 7),
    ]
    assert last["next"] is None

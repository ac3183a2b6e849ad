"""Windows by time: a log of real size that is only nearly sorted, found in few requests, kept, extended."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from ctcollect.coordinator import planner, shards
from ctcollect.errors import ConfigurationError
from ctcollect.local_log import LocalLog
from ctcollect.local_log.entries import Entry
from ctcollect.local_log.faults import Faults
from ctcollect.local_log.rules import Rule
from ctcollect.models import LogRow
from ctcollect.protocol.rfc6962 import EntryType, MerkleTreeLeaf
from ctcollect.ranges import RANGE_ENTRIES, Span
from ctcollect.seasons import season
from ctcollect.settings import Settings
from ctcollect.store import Store, utc_now
from ctcollect.store import windows as window_store
from tests.coordinator.conftest import SEED, OpenPipeline, on_sqlite
from tests.coordinator.pipeline import Pipeline, migrate
from tests.coordinator.simulated import DAY_MS, NAME, SimulatedContext, SimulatedLog, simulated_context

Simulate = Callable[[SimulatedLog], SimulatedContext]
MOST_REQUESTS = 40


@pytest.fixture
def simulate(settings: Settings) -> Iterator[Simulate]:
    """Makes a simulated log known to a new database."""
    store = Store(settings.database_url)
    migrate(store)
    yield lambda log: simulated_context(settings, store, log)
    store.close()


SHAPES = {
    "evenly": SimulatedLog(),
    "late merges": SimulatedLog(both_ways=False),
    "ever faster": SimulatedLog(curve=0.4, days=900, start_ms=1_640_000_000_000),
    "ever slower": SimulatedLog(curve=3.0),
    "32 an answer": SimulatedLog(most_entries=32, disorder=0.05),
}


@on_sqlite
@pytest.mark.parametrize("log", SHAPES.values(), ids=SHAPES)
def test_a_season_of_a_large_log_is_found_to_a_range(simulate: Simulate, log: SimulatedLog) -> None:
    """3,000,000,000 entries of which some are out of order by a day: no entry too few, one range too many at most,
    in 40 requests; a second plan asks for the head alone."""
    context = simulate(log)
    log.requests = 0
    made = planner.plan(context, NAME, str(season(2023)))
    assert log.requests <= MOST_REQUESTS
    first, last = log.true_span(season(2023))
    [(start, end)] = made.wanted
    assert start <= first
    assert last < end
    assert first // RANGE_ENTRIES - start // RANGE_ENTRIES <= 1
    assert end // RANGE_ENTRIES - (last // RANGE_ENTRIES + 1) <= 1
    log.requests = 0
    assert planner.plan(context, NAME, str(season(2023))) == made
    assert log.requests == 1


@on_sqlite
@pytest.mark.parametrize("disorder", [0.0, 0.00001], ids=["sorted", "one of 100,000 out of order"])
def test_disorder_that_no_sample_shows(simulate: Simulate, disorder: float) -> None:
    """Entries merged late are in the window however rare: the end stays a merge delay behind, whatever is seen."""
    log = SimulatedLog(disorder=disorder, both_ways=False, delay_ms=DAY_MS if disorder else 0)
    [(start, end)] = planner.plan(simulate(log), NAME, str(season(2023))).wanted
    first, last = log.true_span(season(2023))
    assert start <= first < start + 2 * RANGE_ENTRIES
    a_day = log.size / log.days
    assert last < end <= log.index_at(season(2023).end_ms) + a_day + RANGE_ENTRIES


@on_sqlite
def test_every_season_that_the_log_holds(simulate: Simulate) -> None:
    """dec-jan: one span a season, cut off where the log begins or ends; what was not logged then is left out."""
    log = SimulatedLog(size=30_000_000, days=790)  # from 1 December 2022 to 29 January 2025
    made = planner.plan(simulate(log), NAME, "dec-jan")
    expected = [log.true_span(season(year)) for year in (2022, 2023, 2024)]
    assert [
        (start <= first, last < end) for (start, end), (first, last) in zip(made.wanted, expected, strict=True)
    ] == [(True, True)] * 3
    assert (made.wanted[0].start, made.wanted[2].end) == (0, log.size)
    assert made.entries < 0.3 * log.size


@on_sqlite
@pytest.mark.parametrize(
    ("window", "words"),
    [
        ("2031-12-01..2032-01-31", "in the future"),
        ("2021-12-01..2022-01-31", "holds entries of 2022-12-01 to 2024-04-"),
        ("2024-05-01..2024-05-31", "none of 2024-05-01..2024-05-31"),
        ("0:3000000001", "not inside the log"),
    ],
)
def test_a_window_that_the_log_does_not_hold(simulate: Simulate, window: str, words: str) -> None:
    """Before its first entry, behind its last, in the future: one line that says what the log holds."""
    context = simulate(SimulatedLog())
    with pytest.raises(ConfigurationError) as caught:
        planner.plan(context, NAME, window, now=datetime(2026, 1, 1, tzinfo=UTC))
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def timed_log(name: str, *days: int, published: int | None = None, kind: type[LocalLog] = LocalLog) -> LocalLog:
    """One entry for each of these days from 1 November 2024 00:00 UTC."""
    times = [round(datetime(2024, 11, 1, tzinfo=UTC).timestamp() * 1000) + day * DAY_MS for day in days]
    entries = [Entry(MerkleTreeLeaf(each, EntryType.X509, b"x", None, None).encode(), bytes(3)) for each in times]
    return kind(name, entries, SEED, published=published)


class Shard(LocalLog):
    """A local log that takes notAfter of the year in its name."""

    @property
    def temporal_interval(self) -> tuple[datetime, datetime]:
        year = int(self.name[-4:])
        return datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)


def windows_of(pipeline: Pipeline, name: str) -> tuple[list[list[int]], list[str]]:
    """What is wanted of a log, and which windows grow with it."""
    with pipeline.store.reading() as session:
        followed = list(window_store.followed(session, pipeline.log(name).log_id))
    (listed,) = (each for each in pipeline.status()["logs"] if each["name"] == name)
    return listed["window"], followed


@on_sqlite
def test_a_season_that_is_not_over_grows_with_its_log(open_fleet: OpenPipeline) -> None:
    """Planned on 10 December: extended at each look at the head, until the head is a day behind the season's end."""
    log = timed_log("demo-grows", *range(120), published=40)
    pipeline = open_fleet(log)
    assert planner.plan(pipeline.context, log.name, "dec-jan").grows
    assert windows_of(pipeline, log.name) == ([[0, 40]], [str(season(2024))])
    for size, followed in ((70, 1), (93, 1), (94, 0), (120, 0)):
        log.publish(size)
        assert planner.refresh_heads(pipeline.context) == {}
        assert windows_of(pipeline, log.name) == ([[0, min(size, 94)]], [str(season(2024))] * followed)


@on_sqlite
def test_a_whole_log_is_followed_until_told_otherwise(open_fleet: OpenPipeline) -> None:
    """--follow extends "full" and START:END with the head; --no-follow stops it, and nothing wanted is lost."""
    log = timed_log("demo-whole", *range(60), published=10)
    pipeline = open_fleet(log)
    with pytest.raises(ConfigurationError, match="not inside"):
        planner.plan(pipeline.context, log.name, "0:25")
    planner.plan(pipeline.context, log.name, "0:25", follow=True)
    log.publish(30)
    planner.refresh_heads(pipeline.context)
    assert windows_of(pipeline, log.name) == ([[0, 30]], [])  # rounded outward to the one range there is
    planner.plan(pipeline.context, log.name, "full", follow=True)
    log.publish(50)
    planner.refresh_heads(pipeline.context)
    assert windows_of(pipeline, log.name) == ([[0, 50]], ["full"])
    planner.plan(pipeline.context, log.name, "full", follow=False)
    log.publish(60)
    planner.refresh_heads(pipeline.context)
    assert windows_of(pipeline, log.name) == ([[0, 50]], [])


DAY = timedelta(days=1)


@on_sqlite
@pytest.mark.parametrize(
    ("state", "changes", "is_followed"),
    [
        ("usable", {}, True),
        ("retired", {"state_since": -9 * DAY}, True),
        ("rejected", {"state_since": -DAY / 2}, True),
        ("rejected", {"state_since": -2 * DAY}, False),
        ("usable", {"interval_end": -DAY / 2}, True),
        ("usable", {"interval_end": -2 * DAY}, False),
        ("readonly", {"state_since": -9 * DAY, "final_tree_size": 50}, True),
        ("readonly", {"state_since": -9 * DAY, "final_tree_size": 10}, False),
    ],
)
def test_what_the_table_of_states_says_of_growth(
    open_fleet: OpenPipeline, state: str, changes: dict[str, Any], is_followed: bool
) -> None:
    """A log that takes no more entries is not followed once the last one must have been merged, whatever is asked."""
    log = timed_log("demo-ends", *range(60), published=10)
    pipeline = open_fleet(log)
    values = {name: utc_now() + each if isinstance(each, timedelta) else each for name, each in changes.items()}
    if "final_tree_size" in changes:
        values["final_root_hash"] = log.tree.root(changes["final_tree_size"]).hex()
    with pipeline.store.transaction() as session:
        session.execute(update(LogRow).values(state=state, **values))
    made = [
        planner.plan(pipeline.context, log.name, window, follow=True) for window in ("full", "2024-11-01..2024-12-31")
    ]
    assert [each.grows for each in made] == [is_followed] * 2
    log.publish(50)
    planner.refresh_heads(pipeline.context)
    window, followed = windows_of(pipeline, log.name)
    assert window == [[0, 50 if is_followed else 10]]
    assert bool(followed) == (is_followed and state != "readonly")


@on_sqlite
def test_a_search_waits_when_the_log_asks_for_it(open_fleet: OpenPipeline) -> None:
    """Two answers of 429 amid the search do not end it, and no entry is asked for twice."""
    pipeline = open_fleet(log := timed_log("demo-slow", *range(0, 120, 2)))
    pipeline.server.faults = Faults(Rule("throttle", next=2, retry_after=1, endpoint="get-entries"))
    assert planner.plan(pipeline.context, log.name, "dec-jan").wanted == (Span(0, 60),)
    assert pipeline.server.stats()["entries"] == 32 + 32


@on_sqlite
def test_all_shards_of_a_season(open_fleet: OpenPipeline) -> None:
    """Picked by their intervals; one that is away stops no other, and counts as little as one that came too late."""
    lives = {"demo-2024": range(90), "demo-2025": range(120), "demo-2026": range(40, 120), "demo-2027": range(90)}
    pipeline = open_fleet(*(timed_log(name, *days, kind=Shard) for name, days in lives.items()))
    pipeline.server.faults = Faults(Rule("unavailable", probability=1.0, log="demo-2024"))
    found = shards.shards_of(pipeline.context, season(2024))
    away, *planned = found.plan(pipeline.context)
    assert isinstance(away, str)
    assert away.startswith("demo-2024: not planned: ")
    assert [isinstance(made, planner.Plan) and made.log_name for made in planned] == ["demo-2025", "demo-2026"]
    assert found.covering == [(datetime(2025, 1, 1), datetime(2026, 1, 1))]
    with pytest.raises(ConfigurationError, match="no log that is enabled"):
        shards.shards_of(pipeline.context, season(2030))

"""Windows by time: a log of real size that is only nearly sorted, found in few requests, kept, extended."""

from collections.abc import Callable, Iterator

import pytest

from ctcollect.coordinator import planner
from ctcollect.ranges import RANGE_ENTRIES
from ctcollect.seasons import season
from ctcollect.settings import Settings
from ctcollect.store import Store
from tests.coordinator.conftest import on_sqlite
from tests.coordinator.pipeline import migrate
from tests.coordinator.simulated import NAME, SimulatedContext, SimulatedLog, simulated_context

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

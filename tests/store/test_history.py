"""How fast the collection has been, from samples in both databases."""

from typing import Any

import pytest

from ctcollect.errors import ConfigurationError
from ctcollect.models import HOUR, MINUTE, FleetSampleRow, ProgressSampleRow
from ctcollect.store import Store, progress
from ctcollect.store.history import PERIODS, history
from tests.store.sampled import START, clock_at, play, row_count, sample_at, sample_every_minute, set_counters
from tests.webapp.collection import add_log, log_id

DAY = 24 * HOUR


@pytest.fixture
def store(either_store: Store) -> Store:
    """With two logs that nobody has read."""
    add_log(either_store, "argon", wanted=10**9)
    add_log(either_store, "xenon", wanted=10**9)
    return either_store


def asked(store: Store, monkeypatch: pytest.MonkeyPatch, now: int, period: str, log: str | None = None) -> Any:
    with clock_at(monkeypatch, now), store.reading() as session:
        return history(session, period, log)


def test_an_hour_is_told_by_minutes(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fleet's rate and each log's; 0 for a log that stood still, None before the first sample."""
    set_counters(store, "xenon", registered=60, entries_done=500)
    sample_every_minute(store, "argon", START, [0, 600, 600, 1_800])
    set_counters(store, "xenon", registered=120)
    sample_at(store, START + 240)
    fleet = asked(store, monkeypatch, START + 240, "1h")
    assert (fleet["step_seconds"], len(fleet["entries_per_second"]), fleet["log"]) == (60, 60, None)
    assert fleet["start"] == "2025-10-09T08:05:00+00:00"
    assert fleet["entries_per_second"][-6:] == [None, 10.0, 0.0, 20.0, 0.0, None]
    assert fleet["certificates_per_second"][-6:] == [None, 0.0, 0.0, 0.0, 1.0, None]
    argon, xenon = (asked(store, monkeypatch, START + 240, "1h", name) for name in ("argon", "xenon"))
    assert argon["entries_per_second"] == fleet["entries_per_second"]
    assert argon["certificates_per_second"][-6:] == [None, 0.0, 0.0, 0.0, 0.0, None]
    assert xenon["entries_per_second"][-6:] == [None, 0.0, 0.0, 0.0, 0.0, None]
    assert xenon["certificates_per_second"] == fleet["certificates_per_second"]


def test_a_gap_stays_a_gap(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing was sampled for ten minutes, in which much was done: None there, for the fleet and for the log."""
    sample_every_minute(store, "argon", START, [0, 600])
    sample_every_minute(store, "argon", START + 660, [90_000, 90_600])
    for name in (None, "argon"):
        rates = asked(store, monkeypatch, START + 720, "1h", name)["entries_per_second"]
        assert rates[-13:] == [10.0, *[None] * 10, 10.0, None]


def test_a_log_without_a_change_costs_no_row(store: Store) -> None:
    """The fleet has a row for each sample, a log only where it changed, in each series for itself."""
    sample_every_minute(store, "argon", START, [0, 600, 600, 600, 700])
    sample_at(store, START + HOUR)
    assert row_count(store, FleetSampleRow, series=MINUTE) == 6
    assert row_count(store, FleetSampleRow, series=HOUR) == 2
    assert row_count(store, ProgressSampleRow, log_id=log_id("argon"), series=MINUTE) == 2
    assert row_count(store, ProgressSampleRow, log_id=log_id("argon"), series=HOUR) == 1
    assert row_count(store, ProgressSampleRow, log_id=log_id("xenon")) == 0


def test_days_are_told_by_hours_when_the_minutes_are_gone(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three days of samples, thinned out: what is older than two days is kept by the hour, and the week still told."""
    minutes = ((hour, START + hour * HOUR + seconds) for hour in range(72) for seconds in (0, 60))
    play(store, ((moment, {"argon": {"entries_done": hour * HOUR}}) for hour, moment in minutes))
    now = START + 72 * HOUR
    for _ in range(30):
        with store.transaction() as session:
            progress.thin_out(session, now)
    assert row_count(store, FleetSampleRow, series=MINUTE) == 2 * 48
    assert row_count(store, FleetSampleRow, series=HOUR) == row_count(store, ProgressSampleRow, series=HOUR) + 1 == 72
    for name in (None, "argon"):
        week = asked(store, monkeypatch, now, "7d", name)["entries_per_second"]
        assert week[-73:-2] == [1.0] * 71
        assert week[:-73] == [None] * (7 * 24 - 73)
        month = asked(store, monkeypatch, now, "30d", name)["entries_per_second"]
        assert [rate for rate in month if rate is not None] == [1.0] * 18


def test_thinning_takes_an_hour_at_a_time(store: Store) -> None:
    """A coordinator that was away for a week does not stand still for it: each sample forgets sixty minutes."""
    play(store, ((START + 60 * minute, {}) for minute in range(0, 180, 10)))
    counts = []
    for _ in range(4):
        with store.transaction() as session:
            progress.thin_out(session, START + 7 * DAY)
        counts.append(row_count(store, FleetSampleRow, series=MINUTE))
    assert counts == [12, 6, 0, 0]


def test_a_log_that_rests_for_days_is_known_by_its_last_hour(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its minutes are forgotten, its counters are not: it has not done all of it anew when it begins again."""
    sample_every_minute(store, "argon", START, [0, 5_000])
    sample_at(store, START + HOUR)
    later = START + 3 * DAY
    with store.transaction() as session:
        progress.thin_out(session, later)
    with store.reading() as session:
        assert progress.counters_at(session, later)[log_id("argon")].entries_done == 5_000
    play(store, [(later, {}), (later + 60, {"argon": {"entries_done": 5_600}}), (later + 120, {})])
    for period in ("1h", "24h"):
        rates = asked(store, monkeypatch, later + 120, period, "argon")["entries_per_second"]
        assert {rate for rate in rates if rate} <= {5.0, 10.0}, period


def test_what_is_asked_wrongly_is_refused(store: Store) -> None:
    """A period or a log that there is none of."""
    with store.reading() as session:
        with pytest.raises(KeyError):
            history(session, "1y")
        with pytest.raises(ConfigurationError):
            history(session, "1h", "nowhere")
        assert all(len(history(session, period)["entries_per_second"]) <= 180 for period in PERIODS)

"""When the collection will be done, told from samples in both databases, or why nobody can tell."""

from typing import Any

import pytest
from sqlalchemy import update

from ctcollect.models import HOUR, LogRow, WorkerRow
from ctcollect.store import Store, utc_now
from ctcollect.store.forecast import forecast_document
from ctcollect.store.workers import WorkerSign, note_signs
from tests.store.sampled import START, clock_at, play, sample_at, set_counters
from tests.webapp.collection import add_log

WANTED = 1_000_000
NOTHING = {"p10_seconds": None, "p50_seconds": None, "p90_seconds": None}


@pytest.fixture
def store(either_store: Store) -> Store:
    """Two logs on one queue and one on another; alice serves both."""
    store = either_store
    for name, queue in {"argon": "google", "xenon": "google", "yeti": "digicert"}.items():
        add_log(store, name, wanted=WANTED, queue=queue)
    with store.transaction() as session:
        note_signs(session, [WorkerSign("alice@host", utc_now(), queues="google,digicert")])
    return store


def work(store: Store, hours: int, step: int = HOUR, **per_hour: int) -> int:
    """A sample each ``step`` seconds, in which each log has read its part; returns the time of the last one."""
    times = range(0, hours * HOUR + 1, step)
    done = {at: {name: {"entries_done": each * at // HOUR} for name, each in per_hour.items()} for at in times}
    play(store, ((START + at, logs) for at, logs in done.items()))
    return START + hours * HOUR


def forecast(store: Store, monkeypatch: pytest.MonkeyPatch, now: int) -> Any:
    with clock_at(monkeypatch, now), store.reading() as session:
        return forecast_document(session)


def change(store: Store, model: Any, **values: Any) -> None:
    with store.transaction() as session:
        session.execute(update(model).values(**values))


def change_log(store: Store, name: str, **values: Any) -> None:
    with store.transaction() as session:
        session.execute(update(LogRow).where(LogRow.name == name).values(**values))


def hours(seconds: float) -> Any:
    return pytest.approx(seconds * HOUR, rel=0.01)


def test_the_slowest_queue_decides(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The logs of a queue are read one after another, the queues side by side: at steady speeds that is exact."""
    now = work(store, 10, argon=20_000, yeti=10_000)
    document = forecast(store, monkeypatch, now)
    logs = document["logs"]
    assert logs["argon"]["p50_seconds"] == hours((WANTED - 200_000) / 20_000)
    assert logs["xenon"]["p50_seconds"] == hours((2 * WANTED - 200_000) / 20_000)
    assert logs["yeti"]["p50_seconds"] == hours((WANTED - 100_000) / 10_000)
    total = document["total"]
    assert total["p10_seconds"] == total["p90_seconds"] == hours(90)
    assert (total["reason"], total["queues"], total["left_out"]) == (None, [], [])
    assert document["basis"] == {"hours": 10, "blocks": 10, "block_seconds": 3600, "samples": 11, "replicates": 400}


def test_uneven_hours_give_a_span_and_always_the_same(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wide where the speeds were uneven, in order, and no different when it is asked again."""
    done = 0
    for number, entries in enumerate([1_000, 40_000, 2_000, 30_000, 5_000, 60_000, 0, 20_000]):
        sample_at(store, START + number * HOUR)
        set_counters(store, "argon", entries_done=(done := done + entries))
        set_counters(store, "yeti", entries_done=WANTED)
    sample_at(store, START + 8 * HOUR)
    documents = [forecast(store, monkeypatch, START + 8 * HOUR) for _ in range(2)]
    total = documents[0]["total"]
    assert documents[0] == documents[1]
    assert 0 < total["p10_seconds"] < total["p50_seconds"] < total["p90_seconds"] < 5 * total["p10_seconds"]
    assert documents[0]["logs"]["yeti"] == {**NOTHING, "reason": "done"}


def test_a_young_collection_is_told_by_minutes(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """With less than six hours behind it; before two blocks of five minutes there is no speed yet."""
    now = work(store, 1, step=60, argon=60_000, yeti=60_000)
    document = forecast(store, monkeypatch, now)
    assert document["total"]["p50_seconds"] == hours((2 * WANTED - 60_000) / 60_000)
    assert (document["basis"]["block_seconds"], document["basis"]["hours"]) == (300, 1.0)
    early = forecast(store, monkeypatch, START + 120)
    assert (early["total"]["reason"], early["total"]["queues"]) == ("no_speed_yet", ["digicert", "google"])


@pytest.mark.parametrize("sampled", [True, False])
def test_without_speed_nothing_is_told(store: Store, monkeypatch: pytest.MonkeyPatch, sampled: bool) -> None:
    """A queue that has read nothing yet makes the total unknown, whose queues are named; so does no sample at all."""
    now = work(store, 8, argon=20_000) if sampled else START
    document = forecast(store, monkeypatch, now)
    expected = ["digicert"] if sampled else ["digicert", "google"]
    assert document["total"] == {**NOTHING, "reason": "no_speed_yet", "queues": expected, "left_out": []}
    assert (document["logs"]["argon"]["reason"] is None) == sampled
    assert document["logs"]["yeti"]["reason"] == "no_speed_yet"


@pytest.mark.parametrize("change_to", [{"running": False}, {"trust": "untrusted"}, {"queues": "google"}])
def test_a_queue_that_nobody_serves_never_ends(
    store: Store, monkeypatch: pytest.MonkeyPatch, change_to: dict[str, Any]
) -> None:
    """Nobody runs there, or only somebody whose harvests are refused."""
    now = work(store, 8, argon=20_000, yeti=20_000)
    change(store, WorkerRow, **change_to)
    total = forecast(store, monkeypatch, now)["total"]
    assert (total["reason"], total["p50_seconds"]) == ("nobody_runs", None)
    assert "digicert" in total["queues"]


def test_logs_that_wait_for_a_person_are_left_out(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The total is of the others, and says of which it is not; with no others left it says so, and when all is done."""
    now = work(store, 8, argon=20_000, yeti=20_000)
    change_log(store, "xenon", paused=True)
    change_log(store, "yeti", unobtainable_since=utc_now())
    document = forecast(store, monkeypatch, now)
    assert document["total"]["p50_seconds"] == hours((WANTED - 160_000) / 20_000)
    left_out = [{"log": "xenon", "reason": "paused"}, {"log": "yeti", "reason": "unobtainable"}]
    assert document["total"]["left_out"] == left_out
    change_log(store, "argon", enabled=False)
    assert forecast(store, monkeypatch, now)["total"]["reason"] == "all_left_out"
    change(store, LogRow, entries_done=WANTED)
    assert forecast(store, monkeypatch, now)["total"] == {**NOTHING, "reason": "done", "queues": [], "left_out": []}

"""The pace of requests to one host, with a clock of the test's own."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctcollect.pace import LONGEST_PAUSE_SECONDS, SLOWEST_PER_SECOND, Pace, Paces

FOREVER = float("inf")


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


def pace_of(clock: Clock, start: float = 2.0, ceiling: float = 10.0) -> Pace:
    return Pace(start, ceiling, clock, clock.sleep)


def test_requests_leave_at_the_pace(clock: Clock) -> None:
    """The first request leaves at once, each further one a step of the pace later."""
    pace = pace_of(clock)
    moments = [clock.now for _ in range(4) if pace.wait(FOREVER)]
    assert moments == [1000.0, 1000.5, 1001.0, 1001.5]


def test_a_turn_that_is_not_needed_is_not_saved_up(clock: Clock) -> None:
    """After an idle hour requests leave one by one again, not in a burst."""
    pace = pace_of(clock)
    assert pace.wait(FOREVER)
    clock.now += 3600
    started_at = clock.now
    assert all(pace.wait(FOREVER) for _ in range(3))
    assert clock.now == started_at + 1.0


def test_no_turn_after_the_deadline(clock: Clock) -> None:
    """A turn that would come too late is refused at once, and is left to others."""
    pace = pace_of(clock)
    assert pace.wait(1000.0)
    assert not pace.wait(1000.4)
    assert clock.now == 1000.0
    assert pace.wait(1000.5)
    assert clock.now == 1000.5


def test_good_answers_raise_the_pace_to_its_ceiling(clock: Clock) -> None:
    """A hundred good answers double the starting pace; the ceiling is never passed."""
    pace = pace_of(clock)
    for _ in range(100):
        pace.good()
    assert pace.per_second == pytest.approx(4.0)
    for _ in range(1000):
        pace.good()
    assert pace.per_second == 10.0
    assert pace_of(clock, start=50.0).per_second == 10.0


def test_an_objection_halves_the_pace_and_pauses(clock: Clock) -> None:
    """Without a time from the host the pauses double from a second on; a good answer starts them afresh."""
    pace = pace_of(clock)
    pauses = []
    for _ in range(4):
        pauses.append(pace.throttled())
        assert pace.wait(FOREVER)
    assert pauses == [1.0, 2.0, 4.0, 8.0]
    assert clock.now == 1015.0
    assert pace.per_second == 2.0 / 16
    pace.good()
    assert pace.throttled() == 1.0


@pytest.mark.parametrize(
    ("retry_after_seconds", "pause"),
    [(30.0, 30.0), (0.0, 1.0), (1e9, LONGEST_PAUSE_SECONDS), (FOREVER, LONGEST_PAUSE_SECONDS)],
)
def test_the_hosts_own_time_is_honoured(clock: Clock, retry_after_seconds: float, pause: float) -> None:
    """Retry-After decides the pause, between a second and an hour; nothing leaves before it is over."""
    pace = pace_of(clock)
    assert pace.throttled(retry_after_seconds) == pause
    assert not pace.wait(clock.now + pause - 0.001)
    started_at = clock.now
    assert pace.wait(FOREVER)
    assert clock.now == started_at + pause


def test_objections_to_requests_under_way_count_once(clock: Clock) -> None:
    """Eight requests that were out together and are all refused halve the pace once, not eight times."""
    pace = pace_of(clock)
    assert [pace.throttled() for _ in range(8)] == [1.0] * 8
    assert pace.per_second == 1.0


def test_a_request_that_waits_for_its_turn_waits_for_the_pause_too(clock: Clock) -> None:
    """A turn taken before the host objected to another's request is not used during the pause."""
    pace = pace_of(clock)

    def sleep_while_another_is_refused(seconds: float) -> None:
        clock.now += seconds
        if clock.now == 1000.5:
            pace.throttled(60.0)

    pace.sleep = sleep_while_another_is_refused
    assert pace.wait(FOREVER)
    assert pace.wait(FOREVER)
    assert clock.now == 1060.5


@given(st.lists(st.sampled_from(["good", "throttled", "wait"]), max_size=60))
def test_the_pace_stays_in_its_bounds(steps: list[str]) -> None:
    """Whatever happens, the pace is between one a minute and the ceiling, and time never runs backwards."""
    clock = Clock()
    pace = pace_of(clock)
    for step in steps:
        before = clock.now
        pace.wait(FOREVER) if step == "wait" else getattr(pace, step)()
        assert clock.now >= before
        assert SLOWEST_PER_SECOND <= pace.per_second <= 10.0


def test_threads_share_one_pace() -> None:
    """Two threads together leave no faster than one alone."""
    moments: list[float] = []
    clock, lock = Clock(), threading.Lock()

    def sleep_to_turn(seconds: float) -> None:
        with lock:
            moments.append(clock.now + seconds)

    pace = Pace(2.0, 2.0, clock, sleep_to_turn)
    threads = [threading.Thread(target=lambda: [pace.wait(FOREVER) for _ in range(50)]) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(moments) == [1000.0 + turn / 2 for turn in range(1, 100)]


def test_one_pace_a_host() -> None:
    """All logs of a host share its pace; another host has its own."""
    paces = Paces()
    assert paces.of("a", 1.0, 2.0) is paces.of("a", 5.0, 9.0)
    assert paces.of("a", 1.0, 2.0) is not paces.of("b", 1.0, 2.0)

"""When requests to one host may leave, with a clock of the test's own."""

import threading
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctcollect.adaptive_rate import SLOWEST_PER_SECOND
from ctcollect.egress import Egress
from ctcollect.pace import LONGEST_PAUSE_SECONDS, LONGEST_REST_SECONDS, Gate, Pace

FOREVER = float("inf")


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


def pace_of(clock: Clock, start: float = 2.0, ceiling: float = 10.0, name: str = "") -> Pace:
    """Without jitter."""
    return Pace(start, ceiling, Egress(name), clock, draw=lambda: 0.0)


def gate_of(clock: Clock, *paces: Pace) -> Gate:
    return Gate(paces or [pace_of(clock)], clock=clock)


def leave(gate: Gate, clock: Clock, deadline: float = FOREVER) -> Pace | None:
    """A turn, waited for."""
    with gate.turn(deadline, clock.sleep) as pace:
        return pace


def test_requests_leave_at_the_pace(clock: Clock) -> None:
    """The first request leaves at once, each further one a step of the pace later."""
    gate = gate_of(clock)
    moments = [clock.now for _ in range(4) if leave(gate, clock)]
    assert moments == [1000.0, 1000.5, 1001.0, 1001.5]


def test_a_turn_that_is_not_needed_is_not_saved_up(clock: Clock) -> None:
    """After an idle hour requests leave one by one again, not in a burst."""
    gate = gate_of(clock)
    leave(gate, clock)
    clock.now += 3600
    started_at = clock.now
    assert all(leave(gate, clock) for _ in range(3))
    assert clock.now == started_at + 1.0


def test_no_turn_after_the_deadline(clock: Clock) -> None:
    """A turn that would come too late is refused at once, and is left to others."""
    gate = gate_of(clock)
    assert leave(gate, clock, 1000.0)
    assert not leave(gate, clock, 1000.4)
    assert clock.now == 1000.0
    assert leave(gate, clock, 1000.5)
    assert clock.now == 1000.5


def test_the_pace_rises_step_by_step_to_its_ceiling(clock: Clock) -> None:
    """While answers are good, each lets it rise a little; the ceiling is never passed, a lower one counts at once."""
    pace = pace_of(clock)
    seen = []
    for _ in range(200):
        pace.good()
        seen.append(pace.per_second)
    assert all(0 <= after - before < 1 for before, after in pairwise(seen))
    assert seen[-1] == 10.0
    pace.set_ceiling(3.0)
    assert pace.per_second == 3.0
    assert pace_of(clock, start=50.0).per_second == 10.0


def test_an_objection_halves_the_pace_and_pauses(clock: Clock) -> None:
    """Without a time from the host each pause is twice the one before; good answers start them afresh."""
    pace = pace_of(clock)
    gate, pauses, paces = gate_of(clock, pace), [], [2.0]
    for _ in range(4):
        assert leave(gate, clock)
        pauses.append(pace.throttled())
        paces.append(pace.per_second)
    assert all(after <= before / 2 for before, after in pairwise(paces))
    assert all(after == 2 * before >= 2 for before, after in pairwise(pauses))
    for _ in range(60):
        clock.now += 1
        pace.good()
    assert pace.throttled() < pauses[-1] / 2


@pytest.mark.parametrize(
    ("retry_after_seconds", "pause"),
    [(30.0, 30.0), (0.0, 1.0), (1e9, LONGEST_PAUSE_SECONDS), (FOREVER, LONGEST_PAUSE_SECONDS)],
)
def test_the_hosts_own_time_is_honoured(clock: Clock, retry_after_seconds: float, pause: float) -> None:
    """Retry-After decides the pause, between a second and an hour; nothing leaves before it is over."""
    asked = pace_of(clock)
    gate = gate_of(clock, asked)
    assert asked.throttled(retry_after_seconds) == pause
    assert not leave(gate, clock, clock.now + pause - 0.001)
    started_at = clock.now
    assert leave(gate, clock)
    assert clock.now == started_at + pause


def test_a_host_that_asks_for_little_and_refuses_again_gets_longer_pauses(clock: Clock) -> None:
    """A Retry-After of a second that does not help is not believed for ever."""
    pace = pace_of(clock)
    pauses = []
    for _ in range(5):
        pauses.append(pace.throttled(1.0))
        clock.now += pauses[-1]
    assert pauses == [1.0, 2.0, 4.0, 8.0, 16.0]


def test_objections_to_requests_under_way_count_once(clock: Clock) -> None:
    """Requests that were out together and are all refused halve the pace once, those that come late too."""
    pace = pace_of(clock)
    sent_at = clock.now - 1
    assert pace.throttled(1.0, sent_at) == 1.0
    halved = pace.per_second
    assert [pace.throttled(1.0, sent_at) for _ in range(7)] == [1.0] * 7
    clock.now += 5
    pace.throttled(1.0, sent_at)
    assert pace.per_second == halved == 1.0


def test_a_request_that_waits_for_its_turn_waits_for_the_pause_too(clock: Clock) -> None:
    """A turn that was due before the host objected to another's request is not used during the pause."""
    pace = pace_of(clock)
    gate = gate_of(clock, pace)

    def sleep_while_another_is_refused(seconds: float) -> None:
        clock.now += seconds
        if clock.now == 1000.5:
            pace.throttled(60.0)

    leave(gate, clock)
    with gate.turn(FOREVER, sleep_while_another_is_refused) as turn:
        assert turn
    assert clock.now == 1060.5


@given(st.lists(st.sampled_from(["good", "throttled", "unreachable", "leave", "slow"]), max_size=60))
def test_the_pace_stays_in_its_bounds(steps: list[str]) -> None:
    """Whatever happens, the pace is between one a minute and the ceiling, and time never runs backwards."""
    clock = Clock()
    pace = pace_of(clock)
    gate = gate_of(clock, pace)
    for step in steps:
        before = clock.now
        if step == "leave":
            leave(gate, clock)
        elif step == "slow":
            pace.good(1e3)
        else:
            getattr(pace, step)()
        assert clock.now >= before
        assert SLOWEST_PER_SECOND <= pace.per_second <= 10.0


def test_rising_latency_slows_down(clock: Clock) -> None:
    """Answers that take three times as long as they did make it slower, noise does not; then it rises again."""
    pace = pace_of(clock, start=5.0)
    for _ in range(200):
        pace.good(1.0)
    assert pace.per_second == 10.0
    for _ in range(20):
        pace.good(3.0)
    slowed = pace.per_second
    assert slowed < 10.0
    for _ in range(500):
        pace.good(3.0)
    assert pace.per_second > slowed
    steady = pace_of(clock, start=5.0)
    for number in range(200):
        steady.good(0.02 if number % 2 else 0.2)
    assert steady.per_second == 10.0


def test_threads_share_one_pace() -> None:
    """Two threads together leave no faster than one alone, and never at the same moment."""
    gate, moments = Gate([Pace(100.0, 100.0)]), []

    def run() -> None:
        for _ in range(15):
            with gate.turn(FOREVER):
                moments.append(time.monotonic())

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(moments) == 30
    assert max(moments) - min(moments) > 0.27


def test_no_more_than_so_many_are_in_flight() -> None:
    """A host that takes long has as many requests at a time as it is allowed, whatever its pace; a third must wait."""
    gate = Gate([Pace(1e5, 1e5)], in_flight=2)
    with gate.turn(FOREVER) as first, gate.turn(FOREVER) as second:
        assert first
        assert second
        with gate.turn(time.monotonic() + 0.1) as third:
            assert third is None
    with gate.turn(time.monotonic() + 1) as again:
        assert again


def test_the_egress_whose_turn_comes_first_goes_first(clock: Clock) -> None:
    """Two addresses have a pace each; one that is paused leaves the way to the other."""
    one, two = pace_of(clock, name="one"), pace_of(clock, name="two")
    gate = gate_of(clock, one, two)
    assert [leave(gate, clock) for _ in range(4)] == [one, two, one, two]
    assert clock.now == 1000.5
    one.throttled(60.0)
    assert [leave(gate, clock) for _ in range(3)] == [two] * 3


def test_a_dead_egress_rests_longer_and_longer_and_is_tried_again(clock: Clock) -> None:
    """5 s, then twice as long each time up to ten minutes; it keeps its pace, and a good answer wakes it."""
    dead, alive = pace_of(clock, name="dead"), pace_of(clock, name="alive")
    rests = []
    for _ in range(9):
        rests.append(dead.unreachable())
        clock.now += rests[-1]
    assert rests == [5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 320.0, 600.0, LONGEST_REST_SECONDS]
    assert dead.per_second == 2.0
    assert gate_of(clock, dead).is_resting
    assert not gate_of(clock, dead, alive).is_resting
    dead.good()
    assert dead.unreachable() == 5.0


def test_a_share_lowers_the_ceiling_and_never_raises_it(clock: Clock) -> None:
    """The smaller of the two counts, over all egresses together; without a share the own one counts again."""
    one, two = pace_of(clock), pace_of(clock)
    gate = gate_of(clock, one, two)
    for share, ceiling in [(3.0, 1.5), (1000.0, 10.0), (0.01, 0.005), (0.0, 10.0)]:
        gate.keep_to(share)
        assert one.ceiling_per_second == two.ceiling_per_second == ceiling
        assert one.per_second <= ceiling

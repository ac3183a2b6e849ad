"""A value that many ask for and one computes."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from webapp.fresh import OLDEST_SECONDS, OLDEST_STILL_SECONDS, Fresh, FreshAnswers


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as pool:
        yield pool


class Clock:
    """Seconds that pass only when a test says so."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_value_is_computed_once_until_it_is_old(threads: ThreadPoolExecutor) -> None:
    """Within the time the same object comes back; after it, a new one."""
    clock, values = Clock(), iter(range(1, 9))
    fresh = Fresh(lambda: next(values), 1.0, threads, clock)
    assert [fresh.get(), fresh.get()] == [1, 1]
    clock.now = 0.99
    assert fresh.get() == 1
    clock.now = 1.0
    assert fresh.get() == 2


def test_who_asks_while_it_is_computed_shares_it(threads: ThreadPoolExecutor) -> None:
    """Sixteen threads cost one computation, and a failure is told to all who waited for it."""
    begun, go_on, calls = threading.Event(), threading.Event(), []

    def compute() -> int:
        calls.append(1)
        begun.set()
        assert go_on.wait(10)
        if len(calls) == 1:
            raise OSError("away")
        return 7

    fresh = Fresh(compute, 60, threads)
    with ThreadPoolExecutor(16) as pool:
        first = pool.submit(fresh.get)
        assert begun.wait(10)
        others = [pool.submit(fresh.get) for _ in range(15)]
        threading.Timer(0.2, go_on.set).start()
        assert {str(each.exception()) for each in (first, *others)} == {"away"}
        assert len(calls) == 1
        assert {each.result() for each in [pool.submit(fresh.get) for _ in range(16)]} == {7}
    assert len(calls) == 2


def test_a_failure_is_not_kept(threads: ThreadPoolExecutor) -> None:
    """After one the next to ask gets what holds then; what was last known stays known."""
    clock, answers = Clock(), iter([1, None, 3])

    def compute() -> int:
        if (answer := next(answers)) is None:
            raise OSError("away")
        return answer

    fresh = Fresh(compute, 1.0, threads, clock)
    assert fresh.get() == 1
    clock.now = 5.0
    with pytest.raises(OSError, match="away"):
        fresh.get()
    assert fresh.last == 1
    assert fresh.get() == 3


def test_a_slow_computation_keeps_nobody_waiting(threads: ThreadPoolExecutor) -> None:
    """The value of before is given meanwhile, as long as it is not too old; one that is gone stale is waited for."""
    clock, go_on, values = Clock(), threading.Event(), iter([1, 2, 3])

    def compute() -> int:
        value = next(values)
        assert value == 1 or go_on.wait(10)
        return value

    fresh = Fresh(compute, 1.0, threads, clock)
    assert fresh.get() == 1
    clock.now = 5.0
    assert [fresh.get(), fresh.get()] == [1, 1]
    clock.now = OLDEST_SECONDS
    waiting = threads.submit(fresh.get)
    assert not waiting.done()
    go_on.set()
    assert waiting.result(10) == 2


def test_what_takes_long_is_computed_less_often(threads: ThreadPoolExecutor) -> None:
    """A tenth of a second of work every five seconds, however soon it should be new; the first time does not count."""
    clock, values = Clock(), iter(range(1, 9))

    def compute() -> int:
        clock.now += 0.1
        return next(values)

    fresh = Fresh(compute, 1.0, threads, clock)
    assert fresh.get() == 1
    clock.now = 1.0
    assert fresh.get(is_patient=True) == 2
    clock.now = 5.9
    assert fresh.get(is_patient=True) == 2
    clock.now = 6.1
    assert fresh.get(is_patient=True) == 3


def test_a_failure_that_nobody_waited_for_is_told_to_the_next(threads: ThreadPoolExecutor) -> None:
    """Though there is a value of before, which was given while it was not known that there will be no newer one."""
    clock, go_on = Clock(), threading.Event()

    def compute() -> int:
        if clock.now == 0.0:
            return 1
        assert go_on.wait(10)
        raise OSError("away")

    fresh = Fresh(compute, 1.0, threads, clock)
    assert fresh.get() == 1
    clock.now = 2.0
    assert fresh.get() == 1
    go_on.set()
    with pytest.raises(OSError, match="away"):
        fresh.get(is_patient=True)
    with pytest.raises(OSError, match="away"):
        fresh.get()


def test_answers_are_kept_by_their_keys(threads: ThreadPoolExecutor) -> None:
    """Each key has its own; of too many the one that nobody has asked for longest is computed anew."""
    answers, computed = FreshAnswers(2, threads), []

    def get(key: str) -> str:
        return answers.get(key, lambda: computed.append(key) or key.upper(), 60)  # type: ignore[func-returns-value]

    assert [get("a"), get("b"), get("a")] == ["A", "B", "A"]
    get("c")
    assert (get("a"), computed) == ("A", ["a", "b", "c"])
    assert (get("b"), computed) == ("B", ["a", "b", "c", "b"])


def test_a_value_is_kept_for_minutes_while_its_version_stands_still(threads: ThreadPoolExecutor) -> None:
    """Another version, none, or ten minutes, and it is computed anew; from the middle on without a wait."""
    clock, values = Clock(), iter(range(1, 9))
    fresh = Fresh(lambda: next(values), 1.0, threads, clock)
    assert fresh.get(version=(7, 7)) == 1
    clock.now = OLDEST_STILL_SECONDS / 2 - 1
    assert fresh.get(version=(7, 7)) == 1
    assert fresh.get(version=(7, 8)) == 2
    clock.now += OLDEST_STILL_SECONDS / 2 - 1
    assert fresh.get(version=(7, 8)) == 2
    assert fresh.get() == 3
    assert fresh.get(version=None) == 3
    clock.now += OLDEST_STILL_SECONDS
    assert fresh.get(version=(7, 8)) == 4
    clock.now += OLDEST_STILL_SECONDS / 2
    assert fresh.get(version=(7, 8), is_patient=True) == 5

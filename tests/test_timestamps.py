"""The search for a time in a log: right, and in few steps, whatever the log's growth."""

from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctcollect.timestamps import SPARE_STEPS, Point, Sample, first_reaching

UNIT = 32


@given(
    values=st.lists(st.integers(-(10**14), 10**14), min_size=1, max_size=200).map(sorted),
    target=st.integers(-(10**14), 10**14),
)
def test_the_first_position_that_reaches_a_value_is_found(values: list[int], target: int) -> None:
    """Ties, jumps and flat parts: as a scan finds it, with one step more than halving at most."""
    asked: list[int] = []

    def distance_at(position: int) -> int:
        asked.append(position)
        return values[position] - target

    low, high = Point(-1, -(10**15)), Point(len(values), 10**15)
    found = first_reaching(low, high, distance_at)
    assert found == next((at for at, value in enumerate(values) if value >= target), len(values))
    assert len(asked) == len(set(asked)) <= len(values).bit_length() + SPARE_STEPS


@pytest.mark.parametrize("curve", [0.3, 1.0, 3.0], ids=["ever faster", "evenly", "ever slower"])
def test_a_log_of_steady_growth_needs_few_steps(curve: float) -> None:
    """On the average fewer than nine where halving takes fifteen, wherever in the log the time lies."""
    asked: list[int] = []
    size = 22_888

    def distance_to(target: float, position: int) -> int:
        asked.append(position)
        return round(((max(position, 0) / size) ** curve - target) * 10**12)

    for share in range(1, 100):
        distance_at = partial(distance_to, (share / 100) ** curve)
        first_reaching(Point(-1, distance_at(-1)), Point(size, distance_at(size)), distance_at)
    assert len(asked) / 99 - 2 < 9


@given(
    steps=st.lists(st.integers(0, 10**6), min_size=UNIT, max_size=UNIT),
    displaced=st.dictionaries(st.integers(0, UNIT - 1), st.integers(-(10**9), 10**9), max_size=7),
)
def test_seven_entries_of_a_unit_may_be_out_of_place(steps: list[int], displaced: dict[int, int]) -> None:
    """Then the lower quartile is not after the time at which the log came to the middle, the upper one not before."""
    reached = [10**10 + sum(steps[: at + 1]) for at in range(UNIT)]
    sample = Sample(0, tuple(time + displaced.get(at, 0) for at, time in enumerate(reached)))
    assert sample.lower_ms <= reached[sample.middle - 1]
    assert reached[sample.middle] <= sample.upper_ms

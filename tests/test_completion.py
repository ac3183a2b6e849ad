"""When the work will be done: the arithmetic of the span."""

import math

from ctcollect.completion import mean_speeds, quantiles, seconds_for, slowest

STEADY = {"google": [10.0] * 24}
UNEVEN = {"google": [1.0, 5.0, 9.0, 2.0, 30.0, 1.0] * 4, "digicert": [0.5] * 24}


def test_a_steady_speed_gives_a_point() -> None:
    """Nothing is uncertain where nothing varied."""
    assert quantiles(seconds_for(1_000, mean_speeds(STEADY)["google"])) == (100.0, 100.0, 100.0)


def test_the_span_holds_what_the_mean_speed_says() -> None:
    """Its middle is near the mean's time, and it is as wide as the speeds are uneven."""
    p10, p50, p90 = quantiles(seconds_for(8_000, mean_speeds(UNEVEN)["google"]))
    assert p10 < 1_000 * 0.95 < p50 < 1_000 * 1.1 < p90


def test_the_same_data_give_the_same_answer() -> None:
    """However often it is asked, and in whatever order the queues come; other data give another one."""
    assert mean_speeds(UNEVEN) == mean_speeds(dict(reversed(UNEVEN.items())))
    assert mean_speeds(UNEVEN) != mean_speeds(UNEVEN | {"google": UNEVEN["google"][::-1]})


def test_the_slowest_decides() -> None:
    """Queues run side by side: all is done when the last one is."""
    means = mean_speeds(UNEVEN)
    times = slowest([seconds_for(8_000, means["google"]), seconds_for(8_000, means["digicert"])])
    assert quantiles(times) == (16_000.0, 16_000.0, 16_000.0)


def test_hours_that_were_slow_for_all_are_drawn_for_all() -> None:
    """The queues are drawn together: two with the same speeds are never better by turns."""
    means = mean_speeds({"google": UNEVEN["google"], "digicert": UNEVEN["google"]})
    assert means["google"] == means["digicert"]


def test_work_that_may_never_end_has_no_late_end() -> None:
    """Where most hours brought nothing the early end is told, the late one is not."""
    early, _, late = quantiles(seconds_for(100, mean_speeds({"google": [0.0, 0.0, 0.0, 10.0]})["google"]))
    assert early < math.inf
    assert late == math.inf
    assert mean_speeds({}) == {}

"""Rates out of samples: what lies between samples is told, and nothing else."""

from ctcollect.series import Buckets, Sample, buckets_until, rates

MINUTES = Buckets(0, 60, 5)
NOW = 300.0


def test_a_rate_is_what_was_counted_between_samples() -> None:
    """Samples need not lie on the edges of buckets: what was counted between two is spread over their time."""
    samples = [Sample(-30, 0), Sample(30, 60), Sample(90, 60), Sample(270, 240)]
    assert rates(samples, MINUTES, 180, NOW) == [0.5, 0.5, 1.0, 1.0, 1.0]


def test_where_nothing_was_sampled_nothing_is_said() -> None:
    """A gap is None, not 0, however the counter has grown over it; 0 is said where it was sampled and stood still."""
    samples = [Sample(0, 10), Sample(60, 10), Sample(200, 900), Sample(240, 980), Sample(300, 980)]
    assert rates(samples, MINUTES, 100, NOW) == [0.0, None, None, 2.0, 0.0]
    assert rates([], MINUTES, 100, NOW) == [None] * 5
    assert rates([Sample(0, 10)], MINUTES, 100, NOW) == [None] * 5


def test_a_counter_that_goes_back_stands_still() -> None:
    """What was discarded is no work that was undone: never a negative rate."""
    assert rates([Sample(0, 100), Sample(60, 40), Sample(120, 100)], MINUTES, 100, NOW)[:2] == [0.0, 1.0]


def test_the_bucket_that_is_not_over_yet_is_told_by_what_is() -> None:
    """Twenty seconds after its beginning, three of them sampled are enough, and one is not."""
    assert rates([Sample(180, 0), Sample(243, 126)], MINUTES, 100, now=260)[3:] == [2.0, 2.0]
    assert rates([Sample(180, 0), Sample(241, 122)], MINUTES, 100, now=260)[3:] == [2.0, None]


def test_buckets_end_with_the_present_one() -> None:
    """On whole multiples of the step, the present moment in the last."""
    buckets = buckets_until(3_605, 3_600, 60)
    assert (buckets.start, buckets.count, buckets.end) == (60, 60, 3_660)

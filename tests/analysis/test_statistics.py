"""Intervals of confidence, survival curves, distributions: against results worked out by hand or printed in books."""

import random
from collections import Counter
from statistics import median

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctcollect.analysis.cells import Cell, cluster_of, median_of_counts
from ctcollect.analysis.confidence import bootstrap, poisson_interval, wilson
from ctcollect.analysis.dispersion import dispersion, grouped_dispersion
from ctcollect.analysis.grouped import Key
from ctcollect.analysis.survival import Subject, kaplan_meier, share_by, step_at
from tests.analysis.making import RULES


def test_wilsons_interval() -> None:
    """81 of 263 (Newcombe 1998, table I: 0.2553 to 0.3662), none of 20 (0 to 0.1611), 20 of 20."""
    assert wilson(81, 263, 0.95) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0, 20, 0.95) == pytest.approx((0.0, 0.1611), abs=5e-5)
    assert wilson(20, 20, 0.95) == pytest.approx((0.8389, 1.0), abs=5e-5)


def test_the_exact_interval_of_a_count() -> None:
    """Garwood's, from tables of the Poisson distribution: of 0, 5 and 100 events."""
    assert poisson_interval(0, 0.95) == pytest.approx((0.0, 3.6889), abs=5e-5)
    assert poisson_interval(5, 0.95) == pytest.approx((1.6235, 11.6683), abs=5e-5)
    assert poisson_interval(100, 0.95) == pytest.approx((81.364, 121.627), abs=5e-4)


def test_kaplan_and_meier_by_hand() -> None:
    """Events at 1, 3, 3 and 6, one open at 2 and one at 3, one that entered at 2: survival is the product by hand."""
    subjects = [
        Subject(1, "renewed"),
        Subject(2, "open"),
        Subject(3, "renewed"),
        Subject(3, "renewed"),
        Subject(3, "open"),
        Subject(6, "renewed"),
        Subject(8, "open", entry=2),
    ]
    steps = kaplan_meier((each, 1.0) for each in subjects)
    assert [(each.days, each.at_risk, each.events) for each in steps] == [(1, 6, 1), (3, 5, 2), (6, 2, 1)]
    assert [each.value for each in steps] == pytest.approx([5 / 6, 5 / 6 * 3 / 5, 5 / 6 * 3 / 5 / 2])
    assert steps[0].variance == pytest.approx((5 / 6) ** 2 * (1 / (6 * 5)))


def test_what_holds_at_a_time() -> None:
    """Before the first event all are left; then the last step counts, with an interval that ends at 0 and 1."""
    steps = kaplan_meier((each, 1.0) for each in (Subject(3, "renewed"), Subject(5, "renewed"), Subject(9, "open")))
    assert step_at(steps, 2.9).interval() == (1, 1, 1)
    assert step_at(steps, 3).value == step_at(steps, 4.9).value == pytest.approx(2 / 3)
    value, low, high = step_at(steps, 90).interval()
    assert (low, value, high) == (0, pytest.approx(1 / 3), pytest.approx(1 / 3 + 1.96 * (2 / 27) ** 0.5, abs=1e-4))


def test_none_and_all_have_an_interval_too() -> None:
    """Of three that are back on the third day none is by the second and all are by the fourth: Wilson's interval."""
    steps = kaplan_meier([(Subject(3, "renewed"), 3.0)])
    assert share_by(steps, 2, 3, 0.95) == (0, *wilson(0, 3, 0.95))
    assert share_by(steps, 4, 3, 0.95) == (1, *wilson(3, 3, 0.95))
    half = kaplan_meier([(Subject(3, "renewed"), 2.0), (Subject(9, "renewed"), 2.0)])
    share, low, high = share_by(half, 4, 4, 0.95)
    assert (share, low, high) == pytest.approx((0.5, 0.5 - 1.96 * 0.25, 0.5 + 1.96 * 0.25), abs=1e-4)


def test_the_bootstrap_draws_clusters() -> None:
    """Large alike clusters say little: the interval is as wide as that of their number, not of the observations'."""
    clusters = Counter({(0.0, 100.0): 50, (100.0, 100.0): 50})
    interval = bootstrap(clusters, "x", RULES.statistics)
    assert interval is not None
    assert interval == pytest.approx((0.40, 0.60), abs=0.02)
    assert bootstrap(clusters, "x", RULES.statistics) == interval
    assert bootstrap(Counter({(1.0, 2.0): 1}), "x", RULES.statistics) is None


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(5, 9)), min_size=4, max_size=40), st.randoms())
@settings(max_examples=30, deadline=None)
def test_cells_merge_in_any_order(domains: list[tuple[int, int]], chance: random.Random) -> None:
    """Two halves added apart, in any order, give the figure of the whole to the last digit; few domains are hidden."""
    clusters = [cluster_of("naive", {((pairs, late), 1 / 3): 2}) for late, pairs in domains]
    whole = Cell(clusters)
    chance.shuffle(clusters)
    half = Cell(clusters[::2])
    half.merge(Cell(clusters[1::2]))
    key = Key("naive_late", "all", "")
    first, second = (each.estimate(key, "continuous", RULES.statistics) for each in (whole, half))
    assert first is not None
    assert first == second
    assert first.n == 2 * sum(pairs for _, pairs in domains)
    assert first.hidden == (len(domains) < 30)


@given(st.lists(st.sampled_from([0.0, 0.5, 1.0, 2.0]), min_size=1))
def test_the_median_of_counts_is_the_median(values: list[float]) -> None:
    """Counted or listed."""
    assert median_of_counts(Counter(values)) == median(values)


def test_spread() -> None:
    """The sample's standard deviation below six values, about each group's own mean; robust from six on."""
    assert dispersion([1, 2, 3, 4], RULES) == pytest.approx(1.2910, abs=5e-5)
    assert grouped_dispersion([[1, 3], [101, 103]], RULES) == pytest.approx(1.4142, abs=5e-5)
    assert dispersion([5], RULES) == 0
    # Of 0, 1, 2, 3, 4 and an outlier: MAD 1.5, IQR 2.5.
    assert dispersion([0, 1, 2, 3, 4, 1000], RULES) == pytest.approx(1.4826 * 1.5)

"""The ledger's arithmetic over a log that grows: what is wanted is issued, whole, once, on the grid."""

from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from ctcollect.models import LeaseRow, LogRow, RangeRow, SubtreeRow, WindowRow
from ctcollect.ranges import RANGE_ENTRIES, UNIT_ENTRIES, Span
from ctcollect.store import Store, ledger, utc_now
from tests.store.conftest import LOG_ID

SUBRANGE = 32_768


def start_over(store: Store) -> None:
    """Nothing is wanted; sub-ranges are large, so that there are few."""
    with store.transaction() as session:
        for table in (WindowRow, RangeRow, LeaseRow, SubtreeRow):
            session.execute(delete(table))
        log = session.get_one(LogRow, LOG_ID)
        log.subrange_entries, log.entries_done = SUBRANGE, 0


def grow(store: Store, tree_size: int) -> None:
    """All of a tree of this size is wanted."""
    with store.transaction() as session:
        ledger.want(session, session.get_one(LogRow, LOG_ID), Span(0, tree_size), tree_size)


def issue_all(store: Store) -> list[Span]:
    with store.transaction() as session:
        return [each.span for each in ledger.issue(session, "google", 10_000, lease_seconds=60)]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    sizes=st.lists(st.integers(1, 3 * RANGE_ENTRIES), min_size=1, max_size=4).map(sorted),
    issues_between=st.booleans(),
)
def test_a_growing_tree_is_issued_whole_and_once(store: Store, sizes: list[int], issues_between: bool) -> None:
    """However it grew, and whatever was out meanwhile: what is out now covers the tree without overlap, on the grid."""
    start_over(store)
    for size in sizes:
        grow(store, size)
        if issues_between:
            issue_all(store)
    issue_all(store)
    with store.reading() as session:
        out = sorted(Span(row.start_index, row.end_index) for row in session.query(LeaseRow))
        ranges = sorted(Span(row.start_index, row.end_index) for row in session.query(RangeRow))
        assert ledger.windows(session, LOG_ID) == [(0, sizes[-1])]
    for spans in (out, ranges):
        assert [span.start for span in spans] == [0, *(span.end for span in spans[:-1])]
        assert spans[-1].end == sizes[-1]
    assert all(span.start % UNIT_ENTRIES == 0 for span in out)
    assert issue_all(store) == []


def test_a_window_is_rounded_to_ranges_and_joined(store: Store) -> None:
    """Windows that touch after rounding are one; the ranges between two that do not stay unwanted."""
    size = 10 * RANGE_ENTRIES + 100
    with store.transaction() as session:
        log = session.get_one(LogRow, LOG_ID)
        for window in [(5, 6), (RANGE_ENTRIES * 4, RANGE_ENTRIES * 4 + 1), (RANGE_ENTRIES, RANGE_ENTRIES + 1)]:
            ledger.want(session, log, Span(*window), size)
        assert ledger.want(session, log, Span(size - 1, size), size) == (10 * RANGE_ENTRIES, size)
        assert ledger.windows(session, LOG_ID) == [
            (0, 2 * RANGE_ENTRIES),
            (4 * RANGE_ENTRIES, 5 * RANGE_ENTRIES),
            (10 * RANGE_ENTRIES, size),
        ]
        assert ledger.range_states(session) == {"open": 4}


def test_a_lease_is_only_known_by_its_whole_span(store: Store) -> None:
    """An old order that began at the same entry neither ends nor renews the lease that is out now."""
    grow(store, 3_000)
    span = issue_all(store)[0]
    with store.transaction() as session:
        ledger.end_leases(session, [(LOG_ID, Span(span.start, span.end - 32))])
        ledger.renew_leases(session, [(LOG_ID, Span(span.start, span.end - 32))], -60)
        assert ledger.expired_leases(session, "google") == []
    assert issue_all(store) == []
    with store.transaction() as session:
        ledger.renew_leases(session, [(LOG_ID, span)], -60)
        assert ledger.expired_leases(session, "google") == [(LOG_ID, span)]
        ledger.end_leases(session, [(LOG_ID, span)])
    assert issue_all(store) == [span]


def test_what_may_vanish_first_is_issued_first(store: Store) -> None:
    """Retired logs, then expired ones, then the others by the end of their interval; resting ones not at all."""
    now = utc_now()
    days = {"usable": 20, "readonly": 10, "rejected": -900, "ended": -30, "retired": 200, "resting": 200}
    with store.transaction() as session:
        template = session.get_one(LogRow, LOG_ID)
        for number, (name, end) in enumerate(days.items()):
            log = LogRow(
                log_id=f"{number:064x}", name=name, operator="Demo", queue="google", kind="rfc6962", url=template.url,
                key=b"key", batch_entries=32, subrange_entries=1024, interval_end=now + timedelta(days=end),
                state={"ended": "usable", "resting": "retired"}.get(name, name),
                rest_until=now + timedelta(hours=1) if name == "resting" else None,
            )  # fmt: skip
            session.add(log)
            session.flush()
            ledger.want(session, log, Span(0, 2_048), 2_048)
    with store.transaction() as session:
        first = [each.log.name for each in ledger.issue(session, "google", 3, lease_seconds=60)]
        rest = [each.log.name for each in ledger.issue(session, "google", 100, lease_seconds=60)]
    assert first + rest == [name for name in ("retired", "rejected", "ended", "readonly", "usable") for _ in range(2)]

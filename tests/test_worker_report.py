"""What a worker tells of itself: plain values in its heartbeats, read as if a stranger had made them up."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctcollect.events import _is_plain_value
from ctcollect.lanes import Lane, Lanes
from ctcollect.self_report import own_report
from ctcollect.spool import Spool, SpoolFolder
from ctcollect.worker_report import HIGHEST_BYTES, LANE_LIMITS, WorkerReport, read_report

LANE = {"busy": 3, "limit": 4, "requests_per_second": 12.5, "pause_seconds": 0.0}
REPORT = WorkerReport(2, 4096, 10**9, {"google": LANE, "digicert": LANE | {"pause_seconds": 61.2}})
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def test_a_report_comes_back_as_it_was_told() -> None:
    """Through a heartbeat, whose values are all such as a friend's account may send."""
    event = REPORT.to_event()
    assert all(map(_is_plain_value, event.values()))
    assert read_report({"type": "worker-heartbeat", "hostname": "alice@host"} | event) == REPORT


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"spool_harvests": None}, None),
        ({"spool_bytes": "4096"}, None),
        ({"spool_bytes": -1}, None),
        ({"spool_bytes": True}, None),
        ({"spool_harvests": float("nan")}, None),
        ({"spool_bytes": 10**30}, {"spool_bytes": HIGHEST_BYTES}),
        ({"spool_free_bytes": "much"}, {"spool_free_bytes": None}),
        ({"lane_google": [1, 2, 3]}, {"lanes": {"digicert": REPORT.lanes["digicert"]}}),
        ({"lane_google": [1, 2, "3", 4]}, {"lanes": {"digicert": REPORT.lanes["digicert"]}}),
        ({"lane_google": [0] * 10**5}, {"lanes": {"digicert": REPORT.lanes["digicert"]}}),
        ({"lane_<script>": [1, 2, 3, 4], "address": "192.0.2.1"}, {}),
    ],
)
def test_what_makes_no_sense_is_left_out(changes: dict[str, Any], expected: dict[str, Any] | None) -> None:
    """Numbers of another kind or size, lanes of another shape or of no queue, whatever else is in the event."""
    found = read_report(REPORT.to_event() | changes)
    if expected is None:
        assert found is None
    else:
        assert found is not None
        told = {name: expected.get(name, getattr(REPORT, name)) for name in WorkerReport.__slots__}
        assert {name: getattr(found, name) for name in WorkerReport.__slots__} == told


@given(st.dictionaries(st.sampled_from([*REPORT.to_event(), "lane_trustasia"]), anything))
def test_no_event_can_do_harm(event: dict[str, Any]) -> None:
    """Whatever is in it, a report is None or bounded, and fits into its columns."""
    found = read_report(event)
    if found is not None:
        assert 0 <= found.spool_harvests < 2**63
        assert 0 <= found.spool_bytes < 2**63
        for lane in found.lanes.values():
            assert all(0 <= lane[name] <= highest for name, highest in LANE_LIMITS.items())


def test_two_workers_of_one_spool_tell_of_each_harvest_once(tmp_path: Any) -> None:
    """The one that delivers for both tells of what lies in the folder; the room for more is that of the limit."""
    first, second = (Spool(SpoolFolder(tmp_path / "spool"), max_bytes=10**6, retry_seconds=600) for _ in range(2))
    for number in range(3):
        second.put({"harvest": number})
    for spool in (first, second):
        spool.deliver_next(_refuse)
    lanes = Lanes({"google": Lane("google", 4, None)})
    reports = [own_report(["google"], lanes, spool, lambda _queue: 2.5) for spool in (first, second)]
    assert [report.spool_harvests for report in reports] == [3, 0]
    assert reports[0].spool_bytes == first.size_bytes > 0
    assert reports[0].spool_free_bytes == 10**6 - first.size_bytes
    assert reports[0].lanes == {"google": {"busy": 0, "limit": 4, "requests_per_second": 2.5, "pause_seconds": 0.0}}


def _refuse(_document: dict[str, Any]) -> None:
    raise OSError("the broker is away")

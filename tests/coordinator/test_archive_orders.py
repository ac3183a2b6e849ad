"""An archive in local files is offered to friends who say that they have it, and to nobody else."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ctcollect.cli.log_table import log_line
from ctcollect.collect import Collector
from ctcollect.coordinator import archives
from ctcollect.coordinator.presence import Signs
from ctcollect.holdings import LOG_ID_DIGITS
from ctcollect.local_log import LocalLog
from ctcollect.local_log.archive import write_archive
from ctcollect.models import Base, LogRow, RangeRow, SecondOpinionRow
from ctcollect.protocol.static_ct import PART_ENTRIES
from ctcollect.ranges import RANGE_ENTRIES, Span
from ctcollect.settings import Settings
from ctcollect.store import ledger, second_opinions, utc_now
from tests.coordinator.checking import checks
from tests.coordinator.conftest import on_sqlite
from tests.coordinator.friends import with_share
from tests.coordinator.pipeline import Pipeline, open_pipeline

pytestmark = on_sqlite
WAITS = "waits for a friend with {}.zip of its archive"


@pytest.fixture
def pipeline(settings: Settings, log: LocalLog, tmp_path: Path) -> Iterator[Pipeline]:
    """The log is an archive in the coordinator's own files, planned whole; no worker runs."""
    with open_pipeline(settings, log) as pipeline:
        write_archive(log, tmp_path / "zips", pipeline.server.log_url(log.name))
        archives.import_archive(pipeline.store, settings, [str(tmp_path / "zips")])
        pipeline.plan()
        yield pipeline
        pipeline.collector.shared.archives.close()
        pipeline.context.shared.archives.close()


def says(pipeline: Pipeline, log: LocalLog, friend: str, numbers: str | None, kind: str = "heartbeat") -> None:
    """What comes of a heartbeat of the friend's worker: it has these zip files, or None of any archive."""
    held = f"{log.log_id.hex()[:LOG_ID_DIGITS]}:{numbers}" if numbers else ""
    event = {"type": f"worker-{kind}", "hostname": f"{friend}@here", "queues": "google,archive", "archives": held}
    Signs(pipeline.context).note(event)


def shown(pipeline: Pipeline) -> str:
    """The notes on the log in ``ctcollect logs list``."""
    (log,) = [log for log in pipeline.status()["logs"] if log["wanted"]]
    return str(log_line(log)[-1])


def test_nobody_has_it(pipeline: Pipeline, log: LocalLog) -> None:
    """No order goes out, whoever serves the queue: none comes back, and the log is shown as waiting."""
    for friend in ("alice", "bob"):
        assert pipeline.feed() == []
        assert shown(pipeline) == WAITS.format("000")
        says(pipeline, log, friend, None)
    says(pipeline, log, "carol", "1-7")
    says(pipeline, log, "dave", "0", "offline")
    assert pipeline.feed() == []
    assert shown(pipeline) == WAITS.format("000")


def test_one_has_it(pipeline: Pipeline, log: LocalLog, tmp_path: Path) -> None:
    """Every order is for her; a friend without the file, who takes one all the same, leaves it to others."""
    says(pipeline, log, "alice", "0")
    says(pipeline, log, "bob", None)
    assert shown(pipeline) == "None"
    orders = pipeline.feed()
    assert {order.avoid for order in orders} == {"bob"}
    assert {harvest.fault_kind for harvest in pipeline.collect(orders, "bob@here")} == {"Avoided"}
    pipeline.collector = Collector(replace(pipeline.context.settings, archives=str(tmp_path)))
    pipeline.record(pipeline.collect(orders, "alice@here"))
    assert pipeline.audit() == 1


def test_a_friend_who_has_it_no_more_hands_it_back(pipeline: Pipeline, log: LocalLog) -> None:
    """What she said was wrong: others get it from then on, and the log does not rest for it."""
    says(pipeline, log, "alice", "0")
    says(pipeline, log, "bob", "0")
    harvests = pipeline.collect(pipeline.feed(), "alice@here")
    assert {(each.fault_kind, len(each.span)) for each in harvests} == {("NotHere", 0)}
    pipeline.record(harvests, "alice@here")
    assert [order.avoid for order in pipeline.feed()] == ["alice"] * len(harvests)
    assert pipeline.log(log.name).rest_until is None


def test_some_of_its_zip_files(pipeline: Pipeline, log: LocalLog) -> None:
    """Of a log of three zip files only the ranges are issued that somebody has; the first other one is waited for."""
    with pipeline.store.transaction() as session:
        row = session.get_one(LogRow, log.log_id_hex)
        row.subrange_entries = RANGE_ENTRIES
        ledger.want(session, row, Span(0, 3 * PART_ENTRIES), 3 * PART_ENTRIES)
        for done in session.query(RangeRow).where(RangeRow.start_index % (PART_ENTRIES // 2) != 0):
            done.state = "full"
    says(pipeline, log, "alice", "0,2")
    says(pipeline, log, "bob", "2")
    starts = {order.start: order.avoid for order in pipeline.feed()}
    assert starts.pop(2 * PART_ENTRIES) == starts.pop(5 * PART_ENTRIES // 2) == ""
    assert set(starts.values()) == {"bob"}
    assert set(starts) == {0, PART_ENTRIES // 2}
    assert shown(pipeline).startswith(WAITS.format("001"))


def test_a_check_takes_two_who_have_it(pipeline: Pipeline, log: LocalLog, tmp_path: Path) -> None:
    """A second opinion is asked for once another friend has the file; until then nothing goes out in vain."""
    says(pipeline, log, "alice", "0")
    says(pipeline, log, "bob", "1")
    pipeline.context = with_share(pipeline, 1.0).context
    pipeline.collector = Collector(replace(pipeline.context.settings, archives=str(tmp_path)))
    pipeline.record(pipeline.collect(pipeline.feed(), "alice@here"))
    assert pipeline.feed() == []
    says(pipeline, log, "bob", "0")
    says(pipeline, log, "carol", None)
    orders = pipeline.feed()
    assert {(order.purpose, order.avoid) for order in orders} == {("check", "alice,carol")}
    pipeline.record(pipeline.collect(orders, "bob@here"), "bob@here")
    assert {state for state, *_ in checks(pipeline).values()} == {"agreed"}


def test_checks_that_nobody_can_do_stand_in_no_others_way(
    pipeline: Pipeline, log: LocalLog, small_twin: LocalLog, tmp_path: Path
) -> None:
    """Those of an archive that one friend alone has are passed over, however old and many they are."""
    says(pipeline, log, "alice", "0")
    says(pipeline, log, "bob", None)
    pipeline.context = with_share(pipeline, 1.0).context
    pipeline.collector = Collector(replace(pipeline.context.settings, archives=str(tmp_path)))
    pipeline.record(pipeline.collect(pipeline.feed(), "alice@here"))
    with pipeline.store.transaction() as session:
        waiting = session.query(SecondOpinionRow).first()
        assert waiting is not None
        at_url = {"log_id": small_twin.log_id_hex, "name": "twin", "archive": "https://example.jp/twin/"}
        session.add(LogRow(**values_of(session.get_one(LogRow, log.log_id_hex)) | at_url))
        session.flush()
        newer = {"log_id": small_twin.log_id_hex, "asked_at": utc_now() + timedelta(seconds=1)}
        session.add(SecondOpinionRow(**values_of(waiting) | newer))
    with pipeline.store.transaction() as session:
        assert [each.log.name for each in second_opinions.issue_checks(session, "archive", 1, 600)] == ["twin"]


def values_of(row: Base) -> dict[str, Any]:
    return {column.name: getattr(row, column.name) for column in row.__table__.columns}

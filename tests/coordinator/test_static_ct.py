"""One local log served in several ways: what is stored is the same."""

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
import zstandard

from ctcollect.errors import BadAnswer, BadSignature
from ctcollect.local_log import Faults, LocalLog, Rule
from ctcollect.models import LogRow
from ctcollect.settings import Settings
from tests.coordinator.conftest import OpenPipeline, on_sqlite, published
from tests.coordinator.pipeline import Pipeline, open_pipeline
from tests.coordinator.tables import Tables, content

# Where a log is and how it is read: all that the ways may differ in.
WAY = ("url", "submission_url", "kind", "queue", "batch_entries", "subrange_entries")


def stored(pipeline: Pipeline) -> tuple[Tables, dict[str, Any]]:
    """Every table's content, and of the log what its way does not decide."""
    tables = content(pipeline.store)
    tables.pop("logs")
    with pipeline.store.reading() as session:
        (row,) = session.query(LogRow)
        known = {column.name: getattr(row, column.name) for column in LogRow.__table__.columns}
    history = (*WAY, "rest_until", "rest_seconds", "reachable_since", "probed_at", "last_fault")
    return tables, {name: value for name, value in known.items() if name not in history}


def leaves(data_dir: Path) -> list[tuple[int, str, str]]:
    """(index, leaf_input, extra_data) of every line of every leaf file."""
    files = (zstandard.ZstdDecompressor().stream_reader(path.read_bytes()).read() for path in data_dir.rglob("*.zst"))
    lines = [orjson.loads(line) for body in files for line in body.splitlines()]
    return sorted((line["index"], line["leaf_input"], line["extra_data"]) for line in lines)


def collected(settings: Settings, log: LocalLog, way: str, tmp_path: Path, **options: Any) -> Any:
    """What is stored, and what is in the leaf files, once the log is collected and verified in this way."""
    url = f"sqlite:///{tmp_path}/{way}.sqlite"
    with open_pipeline(replace(settings, data_dir=tmp_path / way, database_url=url), log, **options) as pipeline:
        pipeline.plan()
        pipeline.collect_all()
        assert pipeline.audit() == 1
        assert pipeline.states() == {"verified": 1}
        return stored(pipeline), leaves(tmp_path / way)


@on_sqlite
def test_the_same_is_stored_from_tiles(settings: Settings, log: LocalLog, tmp_path: Path) -> None:
    """Tables and leaf files are equal row by row, whether a log is read by RFC 6962 or by static-ct-api."""
    by_rfc6962 = collected(settings, log, "rfc6962", tmp_path)
    assert len(by_rfc6962[1]) > 100
    assert collected(settings, log, "static", tmp_path, static=True, gzip=True) == by_rfc6962


@on_sqlite
def test_tiles_are_asked_for_once(open_fleet: OpenPipeline, log: LocalLog) -> None:
    """Each data tile is read once, only the one at the log's end as a partial one, and each issuer once."""
    pipeline = open_fleet(log, static=True)
    asked: Counter[str] = Counter()
    served = pipeline.server._http.get

    def get(path: str, client: str) -> Any:
        asked[path.partition("/static/")[2]] += 1
        return served(path, client)

    pipeline.server._http.get = get
    pipeline.plan()
    pipeline.collect_all()
    tiles = {path: times for path, times in asked.items() if path.startswith("tile/data/")}
    assert tiles == dict.fromkeys([f"tile/data/{n:03d}" for n in range(8)] + ["tile/data/008.p/252"], 1)
    issuers = {path: times for path, times in asked.items() if path.startswith("issuer/")}
    assert set(issuers.values()) == {1}
    assert pipeline.audit() == 1


@on_sqlite
def test_a_log_that_grows_drops_its_partial_tiles(open_fleet: OpenPipeline, log: LocalLog) -> None:
    """What was planned while a tile was partial is read and verified when only the whole one is there."""
    growing = published(log, 700)
    pipeline = open_fleet(growing, static=True)
    pipeline.plan()
    orders = pipeline.feed()
    growing.publish(1100)
    pipeline.record(pipeline.collect(orders))
    assert pipeline.states() == {"full": 1}
    assert pipeline.audit() == 1
    pipeline.plan()
    pipeline.collect_all()
    assert pipeline.log(log.name).tree_size == pipeline.log(log.name).entries_done == 1100
    assert pipeline.audit() == 1

"""Several recorders, each a process of its own, on one broker and one database."""

import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import redis
from sqlalchemy import select

from ctcollect.broker import Broker
from ctcollect.celery import app
from ctcollect.collect import Collector
from ctcollect.coordinator.verifier import disagreements
from ctcollect.fleet import commands
from ctcollect.harvest import Harvest
from ctcollect.local_log import LocalLog
from ctcollect.models import RefusedHarvestRow
from ctcollect.routing import RESULTS, UNACKED
from ctcollect.settings import Settings
from tests.coordinator.conftest import OpenPipeline
from tests.coordinator.friends import plan_small
from tests.coordinator.pipeline import Pipeline, open_pipeline
from tests.coordinator.tables import Tables, content
from tests.services.processes import Process, ProcessGroup, wait_until

ROOT = Path(__file__).parents[2]
RECORDERS = 3
TIMES = 3
PIECE_BYTES = 4_000
START_SECONDS, RECORD_SECONDS = 60, 90


@pytest.mark.parametrize("database_url", ["mysql"], indirect=True)
def test_they_leave_the_rows_of_one(
    open_fleet: OpenPipeline,
    small_log: LocalLog,
    small_twin: LocalLog,
    processes: ProcessGroup,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two logs with the same certificates, every harvest three times and in no order: as if one had recorded each."""
    pipeline = open_fleet(small_log, small_twin)
    harvests = pieces(pipeline)
    assert len(harvests) > 20
    settings = pipeline.context.settings
    monkeypatch.setattr(app.conf, "broker_url", settings.broker_url)
    recorders = [start_recorder(processes, settings, number) for number in range(RECORDERS)]
    wait_until(lambda: len(app.control.ping()) == RECORDERS, "the recorders", START_SECONDS)
    send_shuffled(harvests)
    with redis.Redis.from_url(settings.broker_url) as broker:
        wait_until(lambda: not broker.llen(RESULTS) + broker.hlen(UNACKED), "the end", RECORD_SECONDS)
    assert all(stats["total"] for stats in app.control.inspect().stats().values())
    assert [each.terminate() for each in recorders] == [0] * RECORDERS, recorders[0].tail()
    with pipeline.store.reading() as session:
        assert session.scalars(select(RefusedHarvestRow.reason)).all() == []
        assert list(disagreements(session, settings.data_dir)) == []
    assert content(pipeline.store) == recorded_alone(tmp_path / "alone", harvests, small_log, small_twin)


def pieces(pipeline: Pipeline) -> list[Harvest]:
    """All that is wanted, collected in small harvests."""
    plan_small(pipeline)
    collector = Collector(replace(pipeline.context.settings, harvest_max_bytes=PIECE_BYTES))
    return [harvest for order in pipeline.feed() for harvest in collector.collect(order)]


def send_shuffled(harvests: Sequence[Harvest]) -> None:
    """Each of them TIMES times, by different friends."""
    mail = [(harvest, f"friend{time}@host") for harvest in harvests for time in range(TIMES)]
    random.Random(5).shuffle(mail)
    for harvest, worker in mail:
        Broker(app).send_harvest(harvest, worker)


def start_recorder(processes: ProcessGroup, settings: Settings, number: int) -> Process:
    command = [part.replace("@%h", f"@%h-{number}") for part in commands.coordinator()]
    variables = {
        "CTCOLLECT_BROKER_URL": settings.broker_url,
        "CTCOLLECT_DATABASE_URL": settings.database_url,
        "CTCOLLECT_DATA_DIR": str(settings.data_dir),
        "CTCOLLECT_SECOND_OPINION_SHARE": "0",
    }
    return processes.start(command, variables, ROOT)


def recorded_alone(folder: Path, harvests: Sequence[Harvest], *logs: LocalLog) -> Tables:
    """What the tables hold when one recorder got each of these harvests once, one after the other."""
    settings = Settings(
        database_url=f"sqlite:///{folder}/ct.sqlite",
        data_dir=folder / "data",
        allow_local_logs=True,
        second_opinion_share=0.0,
    )
    with open_pipeline(settings, *logs) as pipeline:
        pieces(pipeline)
        pipeline.record(harvests)
        return content(pipeline.store)

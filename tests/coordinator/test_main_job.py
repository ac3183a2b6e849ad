"""The main job from an empty database to a verified log: the tables hold the truth, all of it, once."""

import pytest

from ctcollect.local_log import LocalLog
from tests.coordinator.conftest import OpenPipeline
from tests.coordinator.truth import counts_agree, holds_the_truth, leaf_files_hold_the_sightings

ENTRIES = 6_000


@pytest.fixture(scope="module")
def big_log() -> LocalLog:
    return LocalLog.generate("demo-google", ENTRIES, 1, jp_share=0.05, odd_share=0.02)


@pytest.mark.parametrize(
    ("database_url", "max_entries"), [("sqlite", 32), ("sqlite", 256), ("mysql", 1000)], indirect=["database_url"]
)
def test_a_log_is_collected_whole(open_fleet: OpenPipeline, big_log: LocalLog, max_entries: int) -> None:
    """Whatever the log's limit, each .jp entry ends in the tables, once, and is proven; hardly any is asked twice."""
    pipeline = open_fleet(big_log, max_entries=max_entries)
    pipeline.plan()
    pipeline.collect_all()
    assert pipeline.audit() == 1
    assert pipeline.states() == {"verified": 1}
    assert 1.0 <= pipeline.server.stats()["entries"] / ENTRIES <= 1.05
    holds_the_truth(pipeline, big_log)
    counts_agree(pipeline, big_log)
    leaf_files_hold_the_sightings(pipeline, big_log)

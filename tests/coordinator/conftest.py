"""Logs of known content and a fleet in one process that collects them."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from ctcollect.local_log import LocalLog
from ctcollect.settings import Settings
from tests.coordinator.pipeline import Pipeline, open_pipeline

SEED = 11
ENTRIES = 2_300

# For tests of what no database does differently.
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

OpenPipeline = Callable[..., Pipeline]


@pytest.fixture(scope="session")
def log() -> LocalLog:
    """A small log with much in it: three sub-ranges, the last one short, the last unit too."""
    return LocalLog.generate("demo-google", ENTRIES, SEED, jp_share=0.08, odd_share=0.02)


@pytest.fixture
def open_fleet(settings: Settings) -> Iterator[OpenPipeline]:
    """Opens a pipeline on logs, with the options of LocalLogServer; nothing is planned."""
    with ExitStack() as stack:

        def opened(*logs: LocalLog, **options: Any) -> Pipeline:
            return stack.enter_context(open_pipeline(settings, *logs, **options))

        yield opened


@pytest.fixture
def pipeline(open_fleet: OpenPipeline, log: LocalLog) -> Pipeline:
    """The small log, planned whole."""
    pipeline = open_fleet(log)
    pipeline.plan()
    return pipeline

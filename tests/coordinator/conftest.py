"""Logs of known content and a fleet in one process that collects them."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from ctcollect.local_log import LocalLog
from ctcollect.local_log.entries import Entry, Truth
from ctcollect.protocol.rfc6962 import EntryType, MerkleTreeLeaf
from ctcollect.ranges import RANGE_ENTRIES
from ctcollect.settings import Settings
from tests.coordinator.friends import honest_content
from tests.coordinator.pipeline import Pipeline, open_pipeline
from tests.coordinator.tables import Tables

SEED = 11
ENTRIES = 2_300
SMALL_ENTRIES = 400
TWICE_FROM = 5

# For tests of what no database does differently.
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

OpenPipeline = Callable[..., Pipeline]


@pytest.fixture(scope="session")
def log() -> LocalLog:
    """A small log with much in it: three sub-ranges, the last one short, the last unit too."""
    return LocalLog.generate("demo-google", ENTRIES, SEED, jp_share=0.05, odd_share=0.02)


@pytest.fixture(scope="session")
def small_log() -> LocalLog:
    """So small that it can be collected again and again; each of its sub-ranges of 64 entries holds some .jp."""
    return LocalLog.generate("demo-google", SMALL_ENTRIES, SEED, jp_share=0.15, odd_share=0.03)


@pytest.fixture(scope="session")
def small_twin(small_log: LocalLog) -> LocalLog:
    """The small log's content under another name."""
    return published(small_log, SMALL_ENTRIES, "demo-twin")


@pytest.fixture(scope="session")
def small_content(small_log: LocalLog, tmp_path_factory: pytest.TempPathFactory) -> Tables:
    """What the tables hold when the small log was collected by an honest friend."""
    return honest_content(tmp_path_factory.mktemp("honest"), small_log)


@pytest.fixture(scope="session")
def twin_content(small_log: LocalLog, small_twin: LocalLog, tmp_path_factory: pytest.TempPathFactory) -> Tables:
    """The same for the small log and its twin."""
    return honest_content(tmp_path_factory.mktemp("twins"), small_log, small_twin)


def published(log: LocalLog, size: int, name: str = "demo-google") -> LocalLog:
    """The content of ``log``, so far as it is out, under its own or another name."""
    return LocalLog(name, log.entries, SEED, truth=log.truth, roots=log.roots, published=size)


@pytest.fixture(scope="session")
def big_log(log: LocalLog) -> LocalLog:
    """The small log twice, from its sixth entry on, so that each lies in a range of its own; filler between."""
    filler = [tiny_entry(number) for number in range(RANGE_ENTRIES - len(log.entries))]
    nothing = [Truth((), "", EntryType.X509, "filler")] * len(filler)
    entries = [*log.entries, *filler, *log.entries[TWICE_FROM:]]
    return LocalLog(log.name, entries, SEED, truth=[*log.truth, *nothing, *log.truth[TWICE_FROM:]])


def tiny_entry(number: int) -> Entry:
    """A leaf of one byte, as small as the format allows."""
    return Entry(MerkleTreeLeaf(number, EntryType.X509, b"x", None, None).encode(), bytes(3))


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

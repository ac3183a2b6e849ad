"""The recorder under fire: any document at all, and true harvests with anything changed in them."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import orjson
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pybase64 import b64decode, b64encode_as_string
from sqlalchemy import select

from ctcollect.coordinator import recorder
from ctcollect.harvest import Harvest
from ctcollect.local_log import LocalLog
from ctcollect.models import Base
from tests.coordinator.conftest import OpenPipeline, on_sqlite
from tests.coordinator.copies import Start
from tests.coordinator.friends import ALICE, BOB, plan_small, present, with_share
from tests.coordinator.pipeline import WORKER, Pipeline, through_json
from tests.coordinator.tables import Tables, dump

NAMES = [each.name for each in fields(Harvest)]
FUZZ = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([-1, 2**31, 2**40, 2**63, 2**64, 10**30])
    | st.floats()
    | st.text(st.characters(), max_size=12)
    | st.sampled_from(["collect", "check", "\0", "\ud800", "ab" * 32, "A" * 44])
)
json_values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=8), inner),
    max_leaves=8,
)


Bend = Callable[[dict[str, Any]], None]


def flip_bit(name: str, at: int) -> Bend:
    """Of the roots, or of the compressed entries."""

    def bend(document: dict[str, Any]) -> None:
        if isinstance(document.get(name), str):
            document[name] = flipped(document[name], at)

    return bend


def flipped(text: str, at: int) -> str:
    """Base64 with one bit flipped, where it is base64 and holds anything."""
    try:
        data = bytearray(b64decode(text, validate=True))
    except ValueError:
        return text
    if data:
        data[at // 8 % len(data)] ^= 1 << at % 8
    return b64encode_as_string(data)


def bend_entry(name: str, at: int) -> Bend:
    """One entry's leaf, chain, proof or index, beneath the compression; nothing where that is damaged already."""

    def bend(document: dict[str, Any]) -> None:
        try:
            lines = zstandard.decompress(b64decode(document["entries"], validate=True)).splitlines()
        except (KeyError, TypeError, ValueError, MemoryError, zstandard.ZstdError):
            return
        entry = orjson.loads(lines[at % len(lines)])
        entry[name] = at % 500 if name == "index" else flipped(entry[name], at)
        lines[at % len(lines)] = orjson.dumps(entry)
        document["entries"] = b64encode_as_string(zstandard.compress(b"\n".join(lines)))

    return bend


places = st.integers(0, 10**6)
bends = st.one_of(
    st.builds(lambda name, value: lambda document: document.update({name: value}), st.sampled_from(NAMES), json_values),
    st.builds(lambda name: lambda document: document.pop(name, None), st.sampled_from(NAMES)),
    st.builds(flip_bit, st.sampled_from(["unit_roots", "entries"]), places),
    st.builds(bend_entry, st.sampled_from(["index", "leaf_input", "extra_data", "proof"]), places),
)


@dataclass(repr=False)
class Target:
    """A log of which two sub-ranges are out, and five are out to be checked; ``documents`` are what was asked for."""

    start: Start
    documents: list[dict[str, Any]]


@pytest.fixture
def target(open_fleet: OpenPipeline, small_log: LocalLog, tmp_path: Path) -> Target:
    pipeline = with_share(open_fleet(small_log), 1.0)
    plan_small(pipeline)
    orders = pipeline.feed()
    for order in orders[2:]:
        ALICE.bring(pipeline, order)
    present(pipeline, ALICE, BOB)
    wanted = [*orders[:2], *pipeline.feed()]
    documents = [through_json(harvest) for order in wanted for harvest in BOB.collect(pipeline, order)]
    assert {document["purpose"] for document in documents} == {"collect", "check"}
    pipeline.store.close()
    return Target(Start(pipeline, tmp_path), documents)


def unmoved(pipeline: Pipeline) -> Tables:
    """All that a refused harvest leaves as it was: not itself, what is out, nor who is to leave that to others."""
    tables = dump(pipeline.store)
    issued = {"issued_until", "avoid", "state"}
    with pipeline.store.reading() as session:
        for name in ("ranges", "second_opinions"):
            rows = session.execute(select(Base.metadata.tables[name])).mappings()
            tables[name] = [tuple(value for column, value in row.items() if column not in issued) for row in rows]
    return {
        name: rows for name, rows in tables.items() if name not in ("refused_harvests", "leases", "guards", "workers")
    }


def fire(pipeline: Pipeline, document: object, worker: object) -> bool:
    """Whether the document was recorded: then once more is no change. If not, nothing but its refusal is left of it."""
    before = unmoved(pipeline)
    recorder.record_or_set_aside(pipeline.context, document, worker)
    if dump(pipeline.store)["refused_harvests"]:
        assert unmoved(pipeline) == before
        assert not list(pipeline.context.settings.data_dir.rglob("*.*"))
        return False
    recorded = unmoved(pipeline)
    recorder.record_or_set_aside(pipeline.context, document, worker)
    assert unmoved(pipeline) == recorded
    return True


@on_sqlite
@FUZZ
@given(document=json_values, worker=json_values)
def test_any_document_is_set_aside(target: Target, document: object, worker: object) -> None:
    """Nothing that JSON can say raises an error, or leaves more than a row that tells of it."""
    with target.start.copy() as pipeline:
        assert not fire(pipeline, document, worker)


@on_sqlite
@FUZZ
@given(
    which=st.integers(0, 99),
    bends=st.lists(bends, min_size=1, max_size=2),
    worker=st.sampled_from([WORKER, BOB.worker]),
)
def test_a_bent_harvest_is_recorded_or_set_aside(target: Target, which: int, bends: list[Bend], worker: str) -> None:
    """Members replaced or left out, bits flipped in roots and entries: all of it counts, or nothing does."""
    document = dict(target.documents[which % len(target.documents)])
    for bend in bends:
        bend(document)
    with target.start.copy() as pipeline:
        fire(pipeline, document, worker)


@on_sqlite
def test_an_unbent_harvest_is_recorded(target: Target) -> None:
    """What the fuzz begins with is good: each document counts."""
    for document in target.documents:
        with target.start.copy() as pipeline:
            assert fire(pipeline, document, BOB.worker)

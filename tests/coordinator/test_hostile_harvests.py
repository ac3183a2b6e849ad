"""Harvests as an enemy would send them: each is refused in one line, and nothing at all has changed."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import zstandard
from pybase64 import b64decode, b64encode_as_string

from ctcollect.coordinator import recorder
from ctcollect.errors import HarvestRefused
from ctcollect.harvest import MAX_ENTRIES_BYTES, Harvest
from tests.coordinator.conftest import on_sqlite
from tests.coordinator.pipeline import WORKER, Pipeline, through_json
from tests.coordinator.tables import dump

Lie = Callable[[Harvest], Harvest]
Document = dict[str, Any]
FAR = 131_072 * 5


def with_entry(**changes: Any) -> Lie:
    """The first entry changed."""
    return lambda harvest: replace(harvest, entries=(replace(harvest.entries[0], **changes), *harvest.entries[1:]))


def other_unit(harvest: Harvest) -> Harvest:
    """A true entry with its true proof, said to stand one unit further on."""
    entry = harvest.entries[0]
    return replace(harvest, entries=(replace(entry, index=entry.index + 32),))


def moved(harvest: Harvest, by: int) -> Harvest:
    """All of it somewhere else."""
    entries = tuple(replace(entry, index=entry.index + by) for entry in harvest.entries)
    start, end = harvest.order_start + by, harvest.order_end + by
    return replace(harvest, order_start=start, order_end=end, start=start, end=end, entries=entries)


LIES: dict[str, Lie] = {
    "an altered leaf": with_entry(leaf_input=b"\0" * 40),
    "a false proof": with_entry(proof=(b"\0" * 32,) * 5),
    "a proof that is too short": with_entry(proof=()),
    "an entry of another place": other_unit,
    "entries out of order": lambda harvest: replace(harvest, entries=harvest.entries[::-1]),
    "one entry twice": lambda harvest: replace(harvest, entries=harvest.entries[:1] * 2),
    "an entry outside the span": with_entry(index=5_000),
    "a root too few": lambda harvest: replace(harvest, unit_roots=harvest.unit_roots[:-32]),
    "a root too many": lambda harvest: replace(harvest, unit_roots=harvest.unit_roots + b"\0" * 32),
    "half a root": lambda harvest: replace(harvest, unit_roots=harvest.unit_roots[:-16]),
    "no first leaf": lambda harvest: replace(harvest, first_leaf_hash=b""),
    "an unknown log": lambda harvest: replace(harvest, log_id="00" * 32),
    "a log_id of no alphabet": lambda harvest: replace(harvest, log_id="\U0001f5fe'; DROP TABLE logs; --"),
    "a range that nobody wants": lambda harvest: moved(harvest, FAR),
    "a span behind the log's end": lambda harvest: moved(harvest, 2_048),
    "an index of no column": lambda harvest: replace(moved(harvest, 2**70), entries=()),
    "an unaligned start": lambda harvest: replace(harvest, start=1, entries=()),
    "an end inside a unit": lambda harvest: replace(harvest, end=1_000, order_end=1_000, entries=()),
    "an end behind the order's": lambda harvest: replace(harvest, order_end=512),
    "a span that is backwards": lambda harvest: replace(harvest, start=1_024, end=0),
    "a negative count": lambda harvest: replace(harvest, requests=-1),
    "a count of no column": lambda harvest: replace(harvest, received_bytes=2**63),
    "a fault that is no text": lambda harvest: replace(harvest, fault="\ud800"),
}


@pytest.mark.parametrize("database_url", ["sqlite", "mysql"], indirect=True)
def test_a_lie_is_refused_and_changes_nothing(pipeline: Pipeline) -> None:
    """A well-shaped document that is not true leaves tables, leaf files and leases; the true one then counts."""
    harvest = pipeline.harvests()[0]
    before = dump(pipeline.store)
    accepted = [name for name, lie in LIES.items() if not is_refused(pipeline, lie(harvest).to_json())]
    assert accepted == []
    assert dump(pipeline.store) == before
    assert not list(pipeline.context.settings.data_dir.rglob("*.zst"))
    assert pipeline.record([harvest])[0].entries == 1024


def packed(lines: bytes) -> str:
    return b64encode_as_string(zstandard.compress(lines))


def hidden_bomb() -> str:
    """A frame that does not say how large it is: 256 MiB of nothing."""
    compressor = zstandard.ZstdCompressor().compressobj()
    pieces = [compressor.compress(bytes(2**20)) for _ in range(256)]
    return b64encode_as_string(b"".join(pieces) + compressor.flush())


def understated_bomb() -> str:
    """A frame whose header names fewer bytes than it holds."""
    frame = bytearray(zstandard.compress(bytes(2**20)))
    assert zstandard.frame_content_size(bytes(frame)) == 2**20
    at = bytes(frame).index((2**20).to_bytes(4, "little"))
    frame[at : at + 4] = (2**16).to_bytes(4, "little")
    return b64encode_as_string(frame)


SHAPES: dict[str, Callable[[Document], object]] = {
    "nothing": lambda document: None,
    "a list": lambda document: [document],
    "another version": lambda document: document | {"version": 2},
    "a member too many": lambda document: document | {"trust_me": True},
    "a member too few": lambda document: {name: value for name, value in document.items() if name != "last"},
    "a number for a text": lambda document: document | {"log_id": 7},
    "a text for a number": lambda document: document | {"start": "0"},
    "a switch for a number": lambda document: document | {"start": False},
    "a number with a point": lambda document: document | {"end": 1024.0},
    "roots that are not base64": lambda document: document | {"unit_roots": "!" * 44},
    "entries that are not base64": lambda document: document | {"entries": "\u3042"},
    "entries that are not zstd": lambda document: document | {"entries": b64encode_as_string(b"no zstd at all")},
    "a cut-off frame": lambda document: (
        document | {"entries": b64encode_as_string(b64decode(document["entries"])[:-9])}
    ),
    "lines that are not JSON": lambda document: document | {"entries": packed(b"{")},
    "lines that are no entries": lambda document: document | {"entries": packed(b"[1, 2]")},
    "an entry without proof": lambda document: document | {"entries": packed(b'{"index": 1, "leaf_input": ""}')},
    "a declared bomb": lambda document: document | {"entries": packed(bytes(MAX_ENTRIES_BYTES + 1))},
    "a hidden bomb": lambda document: document | {"entries": hidden_bomb()},
    "an understated bomb": lambda document: document | {"entries": understated_bomb()},
}


@on_sqlite
def test_a_document_of_another_shape_is_refused(pipeline: Pipeline) -> None:
    """What is no harvest at all is refused before it costs memory, and a refusal never fails itself."""
    document = through_json(pipeline.harvests()[0])
    before = dump(pipeline.store)
    shapes = {name: bend(document) for name, bend in SHAPES.items()}
    assert [name for name, shape in shapes.items() if not is_refused(pipeline, shape)] == []
    for shape in shapes.values():
        recorder.set_aside(pipeline.context, shape, WORKER, "a lie")
    after = dump(pipeline.store)
    assert len(after.pop("refused_harvests")) == len(SHAPES)
    assert after | {"refused_harvests": []} == before


@on_sqlite
def test_a_refused_harvest_frees_its_order(pipeline: Pipeline) -> None:
    """What a refused harvest stood for is issued again at once, and nothing else is."""
    harvest = pipeline.harvests()[1]
    lie = LIES["an altered leaf"](harvest).to_json()
    assert is_refused(pipeline, lie)
    recorder.set_aside(pipeline.context, lie, WORKER, "a lie")
    assert pipeline.issue() == [harvest.span]


def is_refused(pipeline: Pipeline, document: object) -> bool:
    try:
        recorder.record(pipeline.context, document, WORKER)
    except HarvestRefused as refusal:
        return "\n" not in str(refusal)
    return False

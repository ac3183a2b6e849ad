"""Orders and harvests as JSON: what is right comes back as it was, all else is the one error."""

from dataclasses import replace
from typing import Any

import orjson
import pybase64
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from ctcollect.errors import ConfigurationError, HarvestRefused
from ctcollect.harvest import MAX_ENTRIES_BYTES, PROTOCOL_VERSION, Harvest, HarvestEntry, Order
from ctcollect.ranges import RANGE_ENTRIES, UNIT_ENTRIES, unit_count

LOG_ID = "ab" * 32
# What says how an order differs from an ordinary one may be left out.
LEFT_OUT = {"purpose": "collect", "avoid": "", "share_per_second": 0.0, "issued_at": 0.0, "archive_url": ""}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
hashes = st.binary(min_size=32, max_size=32)
counts = st.integers(0, 2**40)
orders = st.builds(
    lambda start, length, batch: Order(
        LOG_ID, "demo", "https://ct.example/", "rfc6962", "google", start, start + length, batch
    ),
    counts,
    st.integers(1, RANGE_ENTRIES),
    st.integers(1, 4096),
)


@st.composite
def harvests(draw: st.DrawFn) -> Harvest:
    """Any harvest that a worker may send: whole units, the last one short only at the order's end."""
    start = draw(st.integers(0, 2**20)) * UNIT_ENTRIES
    order_end = start + draw(st.integers(1, 300))
    end = draw(st.sampled_from([*range(start, order_end, UNIT_ENTRIES), order_end]))
    indices = draw(st.sets(st.integers(start, max(start, end - 1)), max_size=4)) if end > start else []
    blank = Harvest(LOG_ID, "google", start, order_end, start, end, b"", b"", (), True)
    return replace(
        blank,
        unit_roots=draw(hashes) * unit_count(blank.span),
        first_leaf_hash=draw(hashes) if end > start else b"",
        entries=tuple(
            HarvestEntry(index, draw(st.binary()), draw(st.binary()), tuple(draw(st.lists(hashes, max_size=5))))
            for index in sorted(indices)
        ),
        last=draw(st.booleans()),
        fault_kind=draw(st.sampled_from(["", "NotYet"])),
        fault=draw(st.text(max_size=20)),
        requests=draw(counts),
    )


def through_json(document: Any) -> Any:
    return orjson.loads(orjson.dumps(document))


@given(orders)
def test_an_order_comes_back_as_it_was(order: Order) -> None:
    """What the coordinator orders is what the worker reads."""
    assert Order.from_json(through_json(order.to_json())) == order


@given(harvests())
def test_a_harvest_comes_back_as_it_was(harvest: Harvest) -> None:
    """What a worker sends is what the coordinator reads."""
    assert Harvest.from_json(through_json(harvest.to_json())) == harvest


@given(json_values)
def test_any_json_is_read_or_refused(document: Any) -> None:
    """Strange documents raise the one error that the caller expects, and no other."""
    with pytest.raises(ConfigurationError):
        Order.from_json(document)
    with pytest.raises(HarvestRefused):
        Harvest.from_json(document)


@given(orders, st.data())
def test_an_order_with_a_strange_member_is_read_or_refused(order: Order, data: st.DataObject) -> None:
    """One member replaced by any JSON, or left out: an order that makes sense, or ConfigurationError.

    Only what says how it differs from an ordinary order may be left out.
    """
    document = _damaged(order.to_json(), data)
    try:
        read = Order.from_json(document)
    except ConfigurationError:
        return
    assert 0 <= read.start < read.end <= read.start + RANGE_ENTRIES
    assert through_json(read.to_json()) == LEFT_OUT | through_json(document)


@given(harvests(), st.data())
def test_a_harvest_with_a_strange_member_is_read_or_refused(harvest: Harvest, data: st.DataObject) -> None:
    """One member replaced by any JSON, or left out: a harvest that holds together, or HarvestRefused."""
    try:
        read = Harvest.from_json(_damaged(harvest.to_json(), data))
    except HarvestRefused:
        return
    read.check()
    assert Harvest.from_json(through_json(read.to_json())) == read


def _damaged(document: dict[str, Any], data: st.DataObject) -> dict[str, Any]:
    name = data.draw(st.sampled_from(sorted(document)))
    if data.draw(st.booleans()):
        return {each: value for each, value in document.items() if each != name}
    return {**document, name: data.draw(json_values)}


GOOD = Harvest(
    log_id=LOG_ID,
    queue="google",
    order_start=64,
    order_end=170,
    start=96,
    end=170,
    unit_roots=b"r" * 32 * 3,
    first_leaf_hash=b"h" * 32,
    entries=(HarvestEntry(97, b"leaf", b"extra", (b"p" * 32,)), HarvestEntry(169, b"leaf", b"", ())),
    last=True,
)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"start": 32}, "not inside its order"),
        ({"end": 202, "unit_roots": b"r" * 32 * 4}, "not inside its order"),
        ({"start": 97}, "not aligned"),
        ({"end": 169}, "not aligned"),
        ({"unit_roots": b"r" * 32 * 2}, "one root for each unit"),
        ({"first_leaf_hash": b""}, "first leaf's hash"),
        ({"end": 96, "unit_roots": b"", "entries": ()}, "first leaf's hash"),
        ({"entries": GOOD.entries[::-1]}, "not in order"),
        ({"entries": (GOOD.entries[0], GOOD.entries[0])}, "not in order"),
        ({"entries": (replace(GOOD.entries[0], index=95),)}, "not in order inside"),
        ({"entries": (replace(GOOD.entries[0], index=170),)}, "not in order inside"),
        ({"entries": (replace(GOOD.entries[0], proof=(b"p" * 32,) * 6),)}, "wrong shape"),
        ({"entries": (replace(GOOD.entries[0], proof=(b"p" * 31,)),)}, "wrong shape"),
        ({"last": 1}, "last is not of type"),
        ({"requests": True}, "requests is not of type"),
        ({"purpose": "steal"}, "nobody asks for 'steal'"),
    ],
)
def test_a_harvest_that_does_not_hold_together_is_refused(change: dict[str, Any], reason: str) -> None:
    """Spans, sizes, order of entries and types must agree with each other; the reason is named."""
    assert Harvest.from_json(through_json(GOOD.to_json())) == GOOD
    document = through_json(replace(GOOD, **change).to_json())
    with pytest.raises(HarvestRefused, match=reason):
        Harvest.from_json(document)


def test_entries_are_not_unpacked_beyond_their_limit() -> None:
    """A few kilobytes that would become hundreds of megabytes are refused by the size they declare."""
    bomb = zstandard.compress(bytes(MAX_ENTRIES_BYTES + 1))
    assert len(bomb) < 100_000
    document = {**GOOD.to_json(), "entries": pybase64.b64encode_as_string(bomb)}
    with pytest.raises(HarvestRefused, match="at most"):
        Harvest.from_json(document)


def test_another_version_is_told_to_update() -> None:
    """An order of a newer coordinator names the cure; a harvest of another version is refused."""
    document = Order(LOG_ID, "demo", "https://ct.example/", "rfc6962", "google", 0, 32, 32).to_json()
    with pytest.raises(ConfigurationError, match="update ctcollect"):
        Order.from_json({**document, "version": PROTOCOL_VERSION + 1})
    with pytest.raises(HarvestRefused, match="version"):
        Harvest.from_json({**GOOD.to_json(), "version": PROTOCOL_VERSION + 1})


@pytest.mark.parametrize(
    "change",
    [
        {"url": "https://ct.example/delete?everything="},
        {"url": "https://ct.example/#"},
        {"url": "https://user@ct.example/"},
        {"url": "file:///etc/passwd"},
        {"url": "https://ct.example/../"},
        {"log_id": "../../etc"},
        {"queue": "control"},
        {"kind": "shell"},
        {"purpose": "destroy"},
        {"end": RANGE_ENTRIES + 1},
    ],
)
def test_an_order_that_is_for_no_log_is_refused(change: dict[str, Any]) -> None:
    """Whoever orders names a log's plain address; what is asked for there is the worker's own doing."""
    document = Order(LOG_ID, "demo", "https://ct.example/", "rfc6962", "google", 0, 32, 32).to_json()
    Order.from_json(document)
    with pytest.raises(ConfigurationError, match="an order for"):
        Order.from_json(document | change)


def test_a_units_root_is_found_by_any_of_its_entries() -> None:
    """Roots stand in the order of the units, the first for the harvest's start."""
    harvest = replace(GOOD, unit_roots=b"a" * 32 + b"b" * 32 + b"c" * 32)
    assert [harvest.unit_root(index)[:1] for index in (96, 127, 128, 160, 169)] == [b"a", b"a", b"b", b"c", b"c"]

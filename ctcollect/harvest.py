"""What goes over the broker: an Order (coordinator to worker) and a Harvest (worker to coordinator), as JSON.

Both are read as hostile input: anything that breaks the shape raises HarvestRefused or ConfigurationError.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Self, get_args

import orjson
import pybase64
import zstandard

from ctcollect.catalogue import Kind, is_log_url, queues
from ctcollect.errors import ConfigurationError, HarvestRefused
from ctcollect.ranges import RANGE_ENTRIES, UNIT_ENTRIES, Span, unit_count
from ctcollect.rates import is_rate

PROTOCOL_VERSION = 1
MAX_ENTRIES_BYTES = 128 * 2**20
HASH_BYTES = 32
LOG_ID = re.compile("[0-9a-f]{64}")
KINDS = get_args(Kind)
COLLECT, CHECK = "collect", "check"
MAX_PROOF_HASHES = 5
WORKER_CHARACTERS = 191
FRIEND_CHARACTERS = 64
# A comma would part one friend's name into several where names stand in a list.
UNFIT_FOR_NAMES = re.compile(r"[^\w.@+-]")


def worker_name(given: object) -> str:
    """A worker may call itself what it likes: as much of that as fits, in characters that can't be misread."""
    return UNFIT_FOR_NAMES.sub("_", given[:WORKER_CHARACTERS]) if isinstance(given, str) else ""


def friend_of(worker: str) -> str:
    """The friend's name is the part of the worker's before the @, as much as fits."""
    return worker.partition("@")[0][:FRIEND_CHARACTERS]


@dataclass(frozen=True, slots=True)
class Order:
    """One sub-range to fetch, to collect it or to check what another friend has brought.

    ``avoid`` is a comma list of friends who must not do it: their answer is a harvest of nothing. ``share_per_second``
    is how often each worker may ask the log's host at most, 0.0 for no such limit, as it was when the coordinator
    issued the order at ``issued_at`` (seconds since 1970). ``archive_url`` is where the archive of a log of that kind
    is, "" when it is only on some friends' machines.
    """

    log_id: str
    name: str
    url: str
    kind: str
    queue: str
    start: int
    end: int
    batch_entries: int
    purpose: str = COLLECT
    avoid: str = ""
    share_per_second: float = 0.0
    issued_at: float = 0.0
    archive_url: str = ""
    version: int = PROTOCOL_VERSION

    @property
    def span(self) -> Span:
        return Span(self.start, self.end)

    @property
    def read_at(self) -> str:
        """The address that is asked: the archive's, or the log's own."""
        return self.archive_url or self.url

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, document: object) -> Self:
        """ConfigurationError when the document is no order of this version."""
        if not isinstance(document, dict) or document.get("version") != PROTOCOL_VERSION:
            raise ConfigurationError("this order is of another version: update ctcollect on this machine")
        try:
            order = cls(**document)
        except TypeError as error:
            raise ConfigurationError(f"an order that can't be read: {error}") from None
        for each in fields(cls):
            if type(getattr(order, each.name)) is not each.type:
                raise ConfigurationError(f"an order whose {each.name} is not of type {each.type}")
        if not (0 <= order.start < order.end <= order.start + RANGE_ENTRIES and order.batch_entries > 0):
            raise ConfigurationError(f"an order for the impossible span {order.span}")
        if not (is_rate(order.share_per_second) and math.isfinite(order.issued_at)):
            raise ConfigurationError(f"an order with the impossible share {order.share_per_second}")
        order._check_place()
        return order

    def _check_place(self) -> None:
        """An order names a log and nothing else: what is asked there, the reader of its kind decides."""
        if not LOG_ID.fullmatch(self.log_id) or self.queue not in queues() or self.kind not in KINDS:
            raise ConfigurationError("an order for a log, a queue or a kind of log that there is none of")
        if self.purpose not in (COLLECT, CHECK):
            raise ConfigurationError("an order for something that a worker does not do")
        if not (is_log_url(self.url) and is_log_url(self.archive_url or self.url)):
            raise ConfigurationError(f"an order for {self.read_at!r:.100}, which is no log's address")


@dataclass(frozen=True, slots=True)
class HarvestEntry:
    """An entry that holds a .jp name, or that could not be read.

    ``proof`` is the audit path of its leaf (at most five hashes) inside its unit, as RFC 6962 2.1.1 orders it.
    """

    index: int
    leaf_input: bytes
    extra_data: bytes
    proof: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Harvest:
    """What a worker brings of one sub-range: whole units [start, end), perhaps none, perhaps not to the order's end.

    ``unit_roots`` holds 32 bytes for each unit, in order. ``last`` says that nothing more of this order
    comes; with end < order_end, ``fault`` says why in a line (``fault_kind`` is the error's class name).
    """

    log_id: str
    queue: str
    order_start: int
    order_end: int
    start: int
    end: int
    unit_roots: bytes
    first_leaf_hash: bytes
    entries: tuple[HarvestEntry, ...]
    last: bool
    fault_kind: str = ""
    fault: str = ""
    requests: int = 0
    throttled: int = 0
    received_bytes: int = 0
    client: str = ""
    purpose: str = COLLECT

    @property
    def span(self) -> Span:
        return Span(self.start, self.end)

    def to_json(self) -> dict[str, Any]:
        """A JSON object; entries are base64 of zstd of JSON lines, so that a shared chain costs its bytes once."""
        document = {each.name: getattr(self, each.name) for each in fields(self)}
        document["unit_roots"] = pybase64.b64encode_as_string(self.unit_roots)
        document["first_leaf_hash"] = self.first_leaf_hash.hex()
        document["entries"] = _pack(self.entries)
        document["version"] = PROTOCOL_VERSION
        return document

    @classmethod
    def from_json(cls, document: object) -> Self:
        """HarvestRefused when anything is not as it must be; sizes are bounded before anything is unpacked."""
        if not isinstance(document, dict) or document.get("version") != PROTOCOL_VERSION:
            raise HarvestRefused("not a harvest of this version")
        values = {name: value for name, value in document.items() if name != "version"}
        try:
            values["unit_roots"] = pybase64.b64decode(values["unit_roots"], validate=True)
            values["first_leaf_hash"] = bytes.fromhex(values["first_leaf_hash"])
            values["entries"] = _unpack(values["entries"])
            harvest = cls(**values)
        except (KeyError, TypeError, ValueError, zstandard.ZstdError) as error:
            raise HarvestRefused(f"a harvest that can't be read: {error}") from None
        harvest.check()
        return harvest

    def check(self) -> None:
        """HarvestRefused unless types, spans and sizes agree with each other."""
        for each in fields(self):
            kind = tuple if each.name == "entries" else each.type
            if type(getattr(self, each.name)) is not kind:
                raise HarvestRefused(f"{each.name} is not of type {each.type}")
        if self.purpose not in (COLLECT, CHECK):
            raise HarvestRefused(f"nobody asks for {self.purpose!r:.20}")
        if not 0 <= self.order_start <= self.start <= self.end <= self.order_end:
            raise HarvestRefused(f"the span {self.span} is not inside its order")
        if self.start % UNIT_ENTRIES or (self.end % UNIT_ENTRIES and self.end != self.order_end):
            raise HarvestRefused(f"the span {self.span} is not aligned to units")
        if len(self.span) > RANGE_ENTRIES or len(self.unit_roots) != HASH_BYTES * unit_count(self.span):
            raise HarvestRefused("not one root for each unit")
        if len(self.first_leaf_hash) != (HASH_BYTES if len(self.span) else 0):
            raise HarvestRefused("the first leaf's hash is not 32 bytes")
        self._check_entries()

    def _check_entries(self) -> None:
        previous = self.start - 1
        for entry in self.entries:
            if not previous < entry.index < self.end:
                raise HarvestRefused("entries are not in order inside the span")
            previous = entry.index

    def unit_root(self, index: int) -> bytes:
        """The root of the unit that holds entry ``index``."""
        at = (index - self.start) // UNIT_ENTRIES * HASH_BYTES
        return self.unit_roots[at : at + HASH_BYTES]


def _pack(entries: Sequence[HarvestEntry]) -> str:
    lines = b"\n".join(
        orjson.dumps(
            {
                "index": entry.index,
                "leaf_input": pybase64.b64encode_as_string(entry.leaf_input),
                "extra_data": pybase64.b64encode_as_string(entry.extra_data),
                "proof": pybase64.b64encode_as_string(b"".join(entry.proof)),
            }
        )
        for entry in entries
    )
    return pybase64.b64encode_as_string(zstandard.compress(lines)) if lines else ""


def _unpack(packed: str) -> tuple[HarvestEntry, ...]:
    if not packed:
        return ()
    compressed = pybase64.b64decode(packed, validate=True)
    size = zstandard.frame_content_size(compressed)
    if not 0 < size <= MAX_ENTRIES_BYTES:
        raise HarvestRefused(f"entries of {size} bytes: at most {MAX_ENTRIES_BYTES} are taken")
    lines = zstandard.ZstdDecompressor().decompress(compressed, max_output_size=MAX_ENTRIES_BYTES)
    return tuple(_entry(orjson.loads(line)) for line in lines.split(b"\n"))


def _entry(document: dict[str, Any]) -> HarvestEntry:
    proof = pybase64.b64decode(document["proof"], validate=True)
    if type(document["index"]) is not int or len(proof) % HASH_BYTES or len(proof) > MAX_PROOF_HASHES * HASH_BYTES:
        raise ValueError("an entry with an index or a proof of a wrong shape")
    return HarvestEntry(
        index=document["index"],
        leaf_input=pybase64.b64decode(document["leaf_input"], validate=True),
        extra_data=pybase64.b64decode(document["extra_data"], validate=True),
        proof=tuple(proof[at : at + HASH_BYTES] for at in range(0, len(proof), HASH_BYTES)),
    )

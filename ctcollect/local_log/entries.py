"""One entry of a local log, and the truth about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ctcollect.protocol.rfc6962 import EntryType


@dataclass(frozen=True, slots=True)
class Entry:
    """``leaf_input`` and ``extra_data`` as get-entries gives them (RFC 6962 4.6).

    The end of extra_data, the same for all certificates of one CA, is kept once in ``chain``.
    """

    leaf_input: bytes
    before_chain: bytes
    chain: bytes = b""

    @property
    def timestamp_ms(self) -> int:
        """When it came into the log: the timestamp of its leaf."""
        return int.from_bytes(self.leaf_input[2:10], "big")

    @property
    def extra_data(self) -> bytes:
        return self.before_chain + self.chain


@dataclass(frozen=True, slots=True)
class Truth:
    """What a collector should find in one entry, known by construction.

    ``jp_names``: normalised, sorted, empty for none. ``issuance``: the same for the precertificate
    and the final certificate. ``odd``: what is wrong with it, "" for nothing. ``readable``: not rubbish.
    """

    jp_names: tuple[str, ...]
    issuance: str
    entry_type: EntryType
    kind: str
    odd: str = ""
    readable: bool = True


class Batch(NamedTuple):
    """Entries in order of time, each with its truth, and the roots that their chains end in (DER)."""

    pairs: Sequence[tuple[Entry, Truth]] = ()
    roots: tuple[bytes, ...] = ()


NOTHING = Batch()

"""The entries of a data tile (c2sp.org/static-ct-api), as RFC 6962 has them."""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from itertools import takewhile

from ctcollect.errors import MalformedEntry
from ctcollect.protocol.codec import Reader, opaque16, opaque24
from ctcollect.protocol.merkle import HASH_BYTES
from ctcollect.protocol.rfc6962 import EntryType, parse_extra_data, parse_leaf

VERSION_AND_LEAF_TYPE = b"\x00\x00"


@dataclass(frozen=True, slots=True)
class TileLeaf:
    """One entry: ``leaf_input`` as RFC 6962 has it, and what its extra_data is made of.

    ``pre_certificate``: with its length before it, b"" for an x509 entry. ``chain``: the SHA-256 of each issuer.
    """

    leaf_input: bytes
    pre_certificate: bytes
    chain: tuple[bytes, ...]

    def extra_data(self, issuer: Callable[[bytes], bytes | None]) -> bytes:
        """extra_data (RFC 6962 section 4.6), with the DER of each issuer by its SHA-256.

        The chain ends before the first issuer of which nobody has the certificate (None).
        """
        chain = [opaque24(each) for each in takewhile(lambda found: found is not None, map(issuer, self.chain)) if each]
        return self.pre_certificate + opaque24(b"".join(chain))

    def encode(self) -> bytes:
        """As it stands in a data tile."""
        return self.leaf_input[len(VERSION_AND_LEAF_TYPE) :] + self.pre_certificate + opaque16(b"".join(self.chain))


def tile_leaf(leaf_input: bytes, extra_data: bytes) -> TileLeaf:
    """An entry of get-entries as a data tile has it; MalformedEntry when it can't stand in one."""
    extra = parse_extra_data(extra_data, parse_leaf(leaf_input).entry_type)
    pre_certificate = b"" if extra.pre_certificate is None else opaque24(extra.pre_certificate)
    return TileLeaf(leaf_input, pre_certificate, tuple(sha256(each).digest() for each in extra.chain))


# struct {
#     TimestampedEntry timestamped_entry;           /* RFC 6962 section 3.4 */
#     select (entry_type) {
#         case x509_entry: Empty;
#         case precert_entry: ASN.1Cert pre_certificate;
#     };
#     Fingerprint certificate_chain<0..2^16-1>;     /* opaque Fingerprint[32] */
# } TileLeaf;                                       /* a data tile is nothing but these */
def parse_data_tile(tile: bytes, width: int) -> list[TileLeaf]:
    """The entries of a data tile; MalformedEntry unless there are ``width`` of them and nothing more.

    A certificate may be anything, empty too: only what tells where an entry ends must be right.
    """
    reader = Reader(tile, "data tile")
    leaves = []
    for number in range(width):
        try:
            leaves.append(_tile_leaf(tile, reader))
        except MalformedEntry as error:
            raise MalformedEntry(f"entry {number} of {width}: {error}") from None
    reader.end()
    return leaves


def _tile_leaf(tile: bytes, reader: Reader) -> TileLeaf:
    start = len(tile) - reader.remaining
    reader.u64()  # timestamp
    entry_type = reader.u16()
    if entry_type not in (EntryType.X509, EntryType.PRECERT):
        raise MalformedEntry(f"entry_type {entry_type} is neither x509 (0) nor precert (1)")
    if entry_type == EntryType.PRECERT:
        reader.take(HASH_BYTES)
    reader.opaque24()
    reader.opaque16()
    leaf_input = VERSION_AND_LEAF_TYPE + tile[start : len(tile) - reader.remaining]
    pre_certificate = opaque24(reader.opaque24()) if entry_type == EntryType.PRECERT else b""
    return TileLeaf(leaf_input, pre_certificate, _fingerprints(reader.opaque16()))


def _fingerprints(chain: bytes) -> tuple[bytes, ...]:
    if len(chain) % HASH_BYTES:
        raise MalformedEntry(f"a chain of {len(chain)} bytes, not of whole fingerprints")
    return tuple(chain[at : at + HASH_BYTES] for at in range(0, len(chain), HASH_BYTES))

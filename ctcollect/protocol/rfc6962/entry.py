"""One entry of a log: the MerkleTreeLeaf (RFC 6962 section 3.4) and the extra_data beside it (4.6)."""

import struct
from dataclasses import dataclass
from enum import IntEnum

from ctcollect.errors import MalformedEntry
from ctcollect.protocol.codec import Reader, opaque16, opaque24
from ctcollect.protocol.merkle import HASH_BYTES

# No log accepts such a chain; without a bound 16 MiB of extra_data could ask for four million objects.
MAX_CHAIN_CERTIFICATES = 1024


class EntryType(IntEnum):
    """LogEntryType (section 3.1)."""

    X509 = 0
    PRECERT = 1


@dataclass(frozen=True, slots=True)
class MerkleTreeLeaf:
    """What the log hashes and signs for one entry (section 3.4).

    An X509 entry has ``certificate`` (DER); a PRECERT entry has ``issuer_key_hash`` (32 bytes, SHA-256) and
    ``tbs_certificate`` (DER, without poison and SCT list). The others are None. ``extensions`` comes
    without its length. ``timestamp_ms``: milliseconds since 1970 UTC.
    """

    timestamp_ms: int
    entry_type: EntryType
    certificate: bytes | None
    issuer_key_hash: bytes | None
    tbs_certificate: bytes | None
    extensions: bytes = b""

    def encode(self) -> bytes:
        """leaf_input; ValueError when the fields do not suit the entry type, OverflowError when too large."""
        head = b"\0\0" + self.timestamp_ms.to_bytes(8, "big") + self.entry_type.to_bytes(2, "big")
        return head + self._signed_entry() + opaque16(self.extensions)

    def _signed_entry(self) -> bytes:
        issuer_key_hash = self.issuer_key_hash or b""
        if self.entry_type == EntryType.X509 and self.certificate:
            return opaque24(self.certificate)
        if self.entry_type == EntryType.PRECERT and self.tbs_certificate and len(issuer_key_hash) == HASH_BYTES:
            return issuer_key_hash + opaque24(self.tbs_certificate)
        raise ValueError(f"the fields of this leaf do not suit {self.entry_type.name}")


# struct {
#     Version version;                  /* v1(0), u8 */
#     MerkleLeafType leaf_type;         /* timestamped_entry(0), u8 */
#     uint64 timestamp;
#     LogEntryType entry_type;          /* x509_entry(0), precert_entry(1), u16 */
#     select(entry_type) {
#         case x509_entry: ASN.1Cert;   /* opaque<1..2^24-1> */
#         case precert_entry: PreCert;  /* opaque issuer_key_hash[32]; TBSCertificate<1..2^24-1> */
#     } signed_entry;
#     CtExtensions extensions;          /* opaque<0..2^16-1> */
# } MerkleTreeLeaf;                     /* TimestampedEntry written out in place */
def parse_leaf(leaf_input: bytes) -> MerkleTreeLeaf:
    """The leaf in ``leaf_input`` (section 3.4); MalformedEntry for anything else, trailing bytes included."""
    reader = Reader(leaf_input, "leaf_input")
    if version_and_type := reader.u16():
        raise MalformedEntry(f"leaf_input: version and leaf_type are {version_and_type:#06x}, not 0x0000")
    timestamp_ms = reader.u64()
    entry_type = _entry_type(reader.u16())
    certificate = issuer_key_hash = tbs_certificate = None
    if entry_type is EntryType.X509:
        certificate = _asn1_cert(reader, "certificate")
    else:
        issuer_key_hash = reader.take(HASH_BYTES)
        tbs_certificate = _asn1_cert(reader, "TBSCertificate")
    extensions = reader.opaque16()
    reader.end()
    return MerkleTreeLeaf(timestamp_ms, entry_type, certificate, issuer_key_hash, tbs_certificate, extensions)


def parse_timestamp(leaf_input: bytes) -> int:
    """The leaf's timestamp alone, milliseconds since 1970 UTC: it is there also in a leaf that is else unreadable."""
    reader = Reader(leaf_input, "leaf_input")
    reader.u16()  # version and leaf_type
    return reader.u64()


def _entry_type(number: int) -> EntryType:
    try:
        return EntryType(number)
    except ValueError:
        raise MalformedEntry(f"leaf_input: entry_type {number} is neither x509 (0) nor precert (1)") from None


def _asn1_cert(reader: Reader, what: str) -> bytes:
    """``opaque ASN.1Cert<1..2^24-1>``: never empty."""
    certificate = reader.opaque24()
    if not certificate:
        raise MalformedEntry(f"empty {what}")
    return certificate


# The same structure seen as offsets: entry_type, and the u24 length of the certificate in either kind of entry.
_HEAD = struct.Struct(">H8xHBH29xBH")
_X509_START, _PRECERT_START = 15, 47


def is_well_formed(leaf_input: bytes) -> bool:
    """Whether parse_leaf would give a value, in less than half a microsecond.

    Every entry of a log passes here, only those that are kept pass parse_leaf; hence the open-coded offsets.
    """
    size = len(leaf_input)
    if size < _HEAD.size:
        return _is_parsed(leaf_input)
    version_and_type, entry_type, x509_high, x509_low, high, low = _HEAD.unpack_from(leaf_input)
    if entry_type:
        length, end = high << 16 | low, _PRECERT_START
    else:
        length, end = x509_high << 16 | x509_low, _X509_START
    end += length
    if version_and_type or entry_type > 1 or not length or end + 2 > size:
        return False
    return end + 2 + int.from_bytes(leaf_input[end : end + 2], "big") == size


def _is_parsed(leaf_input: bytes) -> bool:
    try:
        parse_leaf(leaf_input)
    except MalformedEntry:
        return False
    return True


def is_precert(leaf_input: bytes) -> bool:
    """The type of the entry in a well-formed leaf."""
    return leaf_input[11] == EntryType.PRECERT


def certificate_span(leaf_input: bytes) -> tuple[int, int]:
    """Where the DER of the certificate or TBSCertificate in a well-formed leaf begins and ends."""
    start = _PRECERT_START if is_precert(leaf_input) else _X509_START
    return start, start + int.from_bytes(leaf_input[start - 3 : start], "big")


@dataclass(frozen=True, slots=True)
class ExtraData:
    """What get-entries gives beside the leaf (section 4.6). The Merkle tree does not cover it.

    ``pre_certificate``: the precertificate as submitted, None for an X509 entry. ``chain``: the issuers
    from the nearest upwards, without the certificate itself. All DER.
    """

    pre_certificate: bytes | None
    chain: tuple[bytes, ...]

    def encode(self) -> bytes:
        """extra_data."""
        chain = opaque24(b"".join(map(opaque24, self.chain)))
        return chain if self.pre_certificate is None else opaque24(self.pre_certificate) + chain


# x509_entry:                                             precert_entry: struct {
#     ASN.1Cert certificate_chain<0..2^24-1>;                 ASN.1Cert pre_certificate;
#                                                             ASN.1Cert precertificate_chain<0..2^24-1>;
#                                                         } PrecertChainEntry;
def parse_extra_data(extra_data: bytes, entry_type: EntryType) -> ExtraData:
    """The extra_data of an entry of this type (sections 3.1 and 4.6); MalformedEntry for anything else."""
    reader = Reader(extra_data, "extra_data")
    pre_certificate = _asn1_cert(reader, "pre_certificate") if entry_type == EntryType.PRECERT else None
    chain = _chain(reader.opaque24())
    reader.end()
    return ExtraData(pre_certificate, chain)


def _chain(encoded: bytes) -> tuple[bytes, ...]:
    reader = Reader(encoded, "certificate chain")
    chain: list[bytes] = []
    while reader.remaining:
        if len(chain) == MAX_CHAIN_CERTIFICATES:
            raise MalformedEntry(f"certificate chain: more than {MAX_CHAIN_CERTIFICATES} certificates")
        chain.append(_asn1_cert(reader, "certificate in the chain"))
    return tuple(chain)

"""Entries of public logs, recorded, and an independent look at the names in them."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import orjson
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from ctcollect.protocol.codec import Reader, decode_base64, opaque24
from ctcollect.protocol.rfc6962 import EntryType, MerkleTreeLeaf, parse_extra_data, parse_leaf

RECORDED_MS = 1_400_000_000_000


class Recorded(NamedTuple):
    """An entry as get-entries gives it, and its certificate or precertificate, DER."""

    leaf_input: bytes
    extra_data: bytes
    certificate: bytes


def tile_entries(folder: Path) -> list[Recorded]:
    """The entries of a static-ct log's full data tiles, in order."""
    tiles = sorted(path for path in folder.glob("tile/data/*") if path.is_file())
    return [entry for tile in tiles for entry in _read_tile(tile.read_bytes())]


# struct {
#     TimestampedEntry timestamped_entry;
#     select (entry_type) {
#         case x509_entry: Empty;
#         case precert_entry: ASN.1Cert pre_certificate;
#     };
#     Fingerprint certificate_chain<0..2^16-1>;
# } TileLeaf;
def _read_tile(tile: bytes) -> Iterator[Recorded]:
    reader = Reader(tile, "data tile")
    while reader.remaining:
        start = len(tile) - reader.remaining
        reader.u64()
        entry_type = reader.u16()
        reader.take(32 * entry_type)
        certificate = reader.opaque24()
        reader.opaque16()
        leaf_input = b"\x00\x00" + tile[start : len(tile) - reader.remaining]
        before_chain = b""
        if entry_type == EntryType.PRECERT:
            certificate = reader.opaque24()
            before_chain = opaque24(certificate)
        reader.opaque16()
        yield Recorded(leaf_input, before_chain + opaque24(b""), certificate)


def answered_entries(folder: Path) -> list[Recorded]:
    """The entries of the get-entries answers in a folder; those without extra_data are left out."""
    documents = [orjson.loads(path.read_bytes()) for path in sorted(folder.glob("get-entries.*.json"))]
    pairs = [
        (decode_base64(entry["leaf_input"]), decode_base64(entry["extra_data"]))
        for document in documents
        for entry in document["entries"]
    ]
    return [Recorded(*pair, _certificate(*pair)) for pair in pairs if pair[1]]


def _certificate(leaf_input: bytes, extra_data: bytes) -> bytes:
    leaf = parse_leaf(leaf_input)
    pre_certificate = parse_extra_data(extra_data, leaf.entry_type).pre_certificate
    certificate = pre_certificate or leaf.certificate
    assert certificate
    return certificate


def certificate_entries(folder: Path) -> list[Recorded]:
    """Entries made of the PEM files of a folder, without a chain."""
    certificates = [x509.load_pem_x509_certificate(path.read_bytes()) for path in sorted(folder.glob("*.pem"))]
    encoded = [certificate.public_bytes(Encoding.DER) for certificate in certificates]
    leaves = [MerkleTreeLeaf(RECORDED_MS, EntryType.X509, each, None, None) for each in encoded]
    return [Recorded(leaf.encode(), opaque24(b""), each) for leaf, each in zip(leaves, encoded, strict=True)]


def holds_jp(certificate_der: bytes) -> bool:
    """Whether ``cryptography`` sees a .jp name in the SAN or the CN."""
    certificate = x509.load_der_x509_certificate(certificate_der)
    names = [str(each.value) for each in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    try:
        san = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
        names += san.value.get_values_for_type(x509.DNSName)
    except x509.ExtensionNotFound:
        pass
    return any(name.lower().rstrip(".").endswith(".jp") for name in names)

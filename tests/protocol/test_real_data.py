"""What real logs answered holds together, and one flipped bit anywhere breaks it."""

import json
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ctcollect.errors import BadSignature, TreeMismatch
from ctcollect.protocol.codec import Reader, decode_base64
from ctcollect.protocol.merkle import (
    leaf_hash,
    root_from_span,
    verify_consistency,
    verify_inclusion,
)
from ctcollect.protocol.rfc6962 import (
    EntryType,
    SignedTreeHead,
    is_well_formed,
    parse_extra_data,
    parse_get_entry_and_proof,
    parse_get_sth,
    parse_get_sth_consistency,
    parse_leaf,
)
from ctcollect.protocol.signatures import load_key, log_id, verify_tree_head
from tests.protocol.mutations import flip_every_bit

KeysByUrl = dict[str, bytes]

# The heads of sths.jsonl by tree size, and the log that each came from.
HEADS_AND_LOGS = {
    2786064990: "https://ct.googleapis.com/logs/us1/argon2026h1/",
    881954985: "https://nessie2025.ct.digicert.com/log/",
    237390491: "https://ct.googleapis.com/pilot/",
    3721782: "https://ct.googleapis.com/pilot/",
    344104340: "https://ct.googleapis.com/pilot/",
    7834486: "https://ct.googleapis.com/logs/argon2017/",
    90785920: "https://yeti2018.ct.digicert.com/log/",
    119361142: "https://ct.googleapis.com/testtube/",
    46466472: "https://ct.googleapis.com/aviator/",
    8285192: "https://ct.googleapis.com/aviator/",
}
ICARUS = "https://ct.googleapis.com/icarus/"


def read_json(path: Path) -> Any:
    """The decoded document of a file."""
    return json.loads(path.read_bytes())


@pytest.fixture(scope="module")
def listed_logs(shared_data: Path) -> list[dict[str, Any]]:
    """Every log of the real log lists."""
    lists = [read_json(path) for path in shared_data.glob("loglists/*-*list-*.json")]
    operators = [operator for each in lists for operator in each["operators"]]
    return [log for operator in operators for log in [*operator["logs"], *operator.get("tiled_logs", [])]]


@pytest.fixture(scope="module")
def keys(listed_logs: list[dict[str, Any]]) -> KeysByUrl:
    """The key of each RFC 6962 log."""
    return {log["url"]: decode_base64(log["key"]) for log in listed_logs if "url" in log}


@pytest.fixture(scope="module")
def old_head(shared_data: Path) -> SignedTreeHead:
    """Icarus at 129,596,132 entries."""
    return parse_get_sth(read_json(shared_data / "responses/icarus-2017/get-sth.129596132.json"))


@pytest.fixture(scope="module")
def new_head(shared_data: Path) -> SignedTreeHead:
    """Icarus at 129,721,434 entries, five hours later."""
    return parse_get_sth(read_json(shared_data / "responses/icarus-2017/get-sth.129721434.json"))


def test_every_listed_key_loads_and_gives_its_log_id(listed_logs: list[dict[str, Any]]) -> None:
    """All logs that browsers list have a key that RFC 6962 allows, and its hash is the log's id."""
    assert len(listed_logs) > 200
    for log in listed_logs:
        key = decode_base64(log["key"])
        load_key(key)
        assert log_id(key) == decode_base64(log["log_id"])


def test_heads_of_many_years_verify_with_their_log_alone(shared_data: Path, keys: KeysByUrl) -> None:
    """Heads of 2014 to 2026 verify with the key of their log, and not with that of another one."""
    lines = (shared_data / "responses/sths.jsonl").read_text().splitlines()
    heads = {head.tree_size: head for head in map(parse_get_sth, map(json.loads, lines))}
    assert heads.keys() == HEADS_AND_LOGS.keys()
    for tree_size, url in HEADS_AND_LOGS.items():
        verify_tree_head(heads[tree_size], keys[url])
        with pytest.raises(BadSignature):
            verify_tree_head(heads[tree_size], keys[ICARUS])


def flipped_heads(head: SignedTreeHead) -> Iterator[SignedTreeHead]:
    """The head with one bit flipped, for each bit of each field."""
    for bit in range(64):
        yield replace(head, tree_size=head.tree_size ^ 1 << bit)
        yield replace(head, timestamp_ms=head.timestamp_ms ^ 1 << bit)
    for root_hash in flip_every_bit(head.root_hash):
        yield replace(head, root_hash=root_hash)
    for signature in flip_every_bit(head.signature):
        yield replace(head, signature=signature)


def test_one_flipped_bit_breaks_a_head(old_head: SignedTreeHead, new_head: SignedTreeHead, keys: KeysByUrl) -> None:
    """No bit of size, timestamp, root or signature can change without BadSignature."""
    for head in (old_head, new_head):
        verify_tree_head(head, keys[ICARUS])
        for flipped in flipped_heads(head):
            with pytest.raises(BadSignature):
                verify_tree_head(flipped, keys[ICARUS])


def flipped_proofs(proof: tuple[bytes, ...]) -> Iterator[tuple[bytes, ...]]:
    """The proof with one bit flipped, for each bit of each hash."""
    for i, element in enumerate(proof):
        for flipped in flip_every_bit(element):
            yield (*proof[:i], flipped, *proof[i + 1 :])


def test_consistency_of_two_real_heads(shared_data: Path, old_head: SignedTreeHead, new_head: SignedTreeHead) -> None:
    """The log's own proof holds between its two signed roots; with any bit flipped it does not."""
    document = read_json(shared_data / "responses/icarus-2017/get-sth-consistency.129596132-129721434.json")
    sizes = old_head.tree_size, new_head.tree_size
    proof = parse_get_sth_consistency(document)
    verify_consistency(*sizes, old_head.root_hash, new_head.root_hash, proof)
    for flipped in flipped_proofs(proof):
        with pytest.raises(TreeMismatch):
            verify_consistency(*sizes, old_head.root_hash, new_head.root_hash, flipped)


def test_inclusion_of_a_real_entry(shared_data: Path, new_head: SignedTreeHead) -> None:
    """Entry 120,000,000 is proven by its path; with any bit of leaf or path flipped it is not."""
    document = read_json(shared_data / "responses/icarus-2017/get-entry-and-proof.120000000.129721434.json")
    entry = parse_get_entry_and_proof(document)
    place, root = (120_000_000, new_head.tree_size), new_head.root_hash
    leaf, path = leaf_hash(entry.leaf_input), entry.audit_path
    verify_inclusion(leaf, *place, path, root)
    assert root_from_span(leaf, 120_000_000, 120_000_001, new_head.tree_size, path) == root
    for flipped_path in flipped_proofs(path):
        with pytest.raises(TreeMismatch):
            verify_inclusion(leaf, *place, flipped_path, root)
    for flipped_leaf in flip_every_bit(entry.leaf_input):
        with pytest.raises(TreeMismatch):
            verify_inclusion(leaf_hash(flipped_leaf), *place, path, root)


def test_real_entries_come_back_byte_for_byte(shared_data: Path) -> None:
    """Leaves and extra data of real answers, X509 and precert, are parsed and encoded to the same bytes."""
    entry_types = set()
    for path in shared_data.glob("responses/ctgo/get-entries.*.json"):
        for entry in read_json(path)["entries"]:
            leaf_input, extra_data = decode_base64(entry["leaf_input"]), decode_base64(entry["extra_data"])
            leaf = parse_leaf(leaf_input)
            assert leaf.encode() == leaf_input
            assert is_well_formed(leaf_input)
            if extra_data:  # left out of one recording
                assert parse_extra_data(extra_data, leaf.entry_type).encode() == extra_data
                entry_types.add(leaf.entry_type)
    assert entry_types == {EntryType.X509, EntryType.PRECERT}


def test_a_real_precert_names_its_issuer(shared_data: Path) -> None:
    """The parts are what their names say: issuer_key_hash is the hash of the key of the chain's first one."""
    document = read_json(shared_data / "responses/ctgo/get-entries.logclient_test.json")
    entry = document["entries"][0]
    leaf = parse_leaf(decode_base64(entry["leaf_input"]))
    extra = parse_extra_data(decode_base64(entry["extra_data"]), leaf.entry_type)
    issuer = x509.load_der_x509_certificate(extra.chain[0])
    spki = issuer.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert leaf.issuer_key_hash == sha256(spki).digest()
    assert extra.pre_certificate is not None
    pre_certificate = x509.load_der_x509_certificate(extra.pre_certificate)
    assert pre_certificate.issuer == issuer.subject


# struct {
#     TimestampedEntry timestamped_entry;
#     select (entry_type) {
#         case x509_entry: Empty;
#         case precert_entry: ASN.1Cert pre_certificate;
#     };
#     Fingerprint certificate_chain<0..2^16-1>;
# } TileLeaf;
def tile_leaf_inputs(tile: bytes) -> Iterator[bytes]:
    """The leaf_input of each entry of a static-ct data tile."""
    reader = Reader(tile, "data tile")
    while reader.remaining:
        start = len(tile) - reader.remaining
        reader.u64()
        entry_type = reader.u16()
        reader.take(32 * entry_type)
        reader.opaque24()
        reader.opaque16()
        yield b"\x00\x00" + tile[start : len(tile) - reader.remaining]
        if entry_type == EntryType.PRECERT:
            reader.opaque24()
        reader.opaque16()


@pytest.mark.parametrize("tile", ["000", "001", "002", "003", "003.p/10"])
def test_hash_tiles_of_a_production_log(shared_data: Path, tile: str) -> None:
    """The leaf hashes of a data tile's entries are the log's own level-0 tile."""
    tiles = shared_data / "static-ct/navigli2025h2/tile"
    leaf_inputs = list(tile_leaf_inputs((tiles / "data" / tile).read_bytes()))
    assert len(leaf_inputs) == (10 if tile.endswith("10") else 256)
    assert b"".join(map(leaf_hash, leaf_inputs)) == (tiles / "0" / tile).read_bytes()
    assert all(is_well_formed(each) and parse_leaf(each).encode() == each for each in leaf_inputs)

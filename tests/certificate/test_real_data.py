"""Certificates that real authorities issued, and hundreds that strain parsers."""

import json
import re
import warnings
from base64 import b64decode
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from ctcollect.certificate import dns_names, entry_jp_names, from_entry
from ctcollect.certificate.lenient import LenientReader
from ctcollect.certificate.strict import OpenSSLReader, StrictReader
from ctcollect.certificate.tbs import parse_tbs, tbs_of_certificate
from ctcollect.domains import may_hold_jp
from ctcollect.errors import MalformedEntry
from ctcollect.protocol.rfc6962 import EntryType, ExtraData, MerkleTreeLeaf, parse_extra_data, parse_leaf

PEM = re.compile(rb"-----BEGIN CERTIFICATE-----(.+?)-----END", re.DOTALL)

FIELDS: tuple[Callable[[LenientReader], object], ...] = (
    lambda reader: reader.serial(),
    lambda reader: reader.issuer(),
    lambda reader: reader.subject(),
    lambda reader: reader.not_before(),
    lambda reader: reader.not_after(),
    lambda reader: reader.key_bits(),
    lambda reader: reader.policy_oids(),
    lambda reader: reader.authority_key_id(),
)


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """The libraries that are asked for comparison warn of what they still tolerate."""
    with warnings.catch_warnings(action="ignore"):
        yield


def contents_of(folder: Path) -> list[bytes]:
    """The first certificate of each file in DER; a file that holds none as it is."""
    files = [path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()]
    return [b64decode(found[1]) if (found := PEM.search(content)) else content for content in files]


@pytest.fixture
def odd_and_jp(shared_data: Path) -> list[bytes]:
    return contents_of(shared_data / "certs-odd") + contents_of(shared_data / "certs-jp")


def x509_leaf(der: bytes) -> MerkleTreeLeaf:
    return MerkleTreeLeaf(0, EntryType.X509, der, None, None)


def outcome(der: bytes) -> str:
    """What becomes of a file that is given as the certificate of an entry."""
    try:
        found = from_entry(x509_leaf(der), None)
    except MalformedEntry:
        return "malformed"
    return "with faults" if found.faults else "whole"


def names_by_cryptography(der: bytes) -> tuple[str, ...] | None:
    """CommonNames and dNSNames as `cryptography` reads them; None when it refuses."""
    try:
        certificate = x509.load_der_x509_certificate(der)
        common_names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        sans = [
            extension.value.get_values_for_type(x509.DNSName)
            for extension in certificate.extensions
            if isinstance(extension.value, x509.SubjectAlternativeName)
        ]
    except Exception:
        return None
    return tuple(str(each.value) for each in common_names) + tuple(name for names in sans for name in names)


def told_by(kind: type[LenientReader], der: bytes) -> Iterator[tuple[object, object]]:
    """For each field that a reader of this kind gives: its value and the lenient reader's."""
    try:
        tbs = parse_tbs(tbs_of_certificate(der))
        reader = kind(tbs)
    except Exception:
        return
    for field in FIELDS:
        try:
            value = field(reader)
        except Exception:
            continue
        yield value, field(LenientReader(tbs))


def test_jp_certificates_are_found(shared_data: Path) -> None:
    """Real certificates with a name under .jp pass the cheap test, and the full one finds their names."""
    ders = contents_of(shared_data / "certs-jp")
    assert all(map(may_hold_jp, ders))
    found = {name for der in ders for name in entry_jp_names(x509_leaf(der))}
    assert found >= {"csrcn.ssl24.jp", "*.google.co.jp", "www.amazon.co.jp"}
    assert "amazon.co.uk" not in found


def test_odd_certificates_give_fields_or_a_reason(shared_data: Path) -> None:
    """All certificates but one, of indefinite lengths, are read; CRLs and other files are malformed."""
    outcomes = Counter(map(outcome, contents_of(shared_data / "certs-odd")))
    assert outcomes["malformed"] == 39
    assert outcomes["whole"] + outcomes["with faults"] == 618
    assert outcomes["whole"] > 450


def test_names_are_those_that_cryptography_reads(odd_and_jp: list[bytes]) -> None:
    """Where the strict parser gives names, the lenient reader gives the same ones in the same order."""
    expected = {der: names for der in odd_and_jp if (names := names_by_cryptography(der)) is not None}
    assert len(expected) > 400
    assert {der: dns_names(der, is_tbs=False) for der in expected} == expected


@pytest.mark.parametrize(("kind", "least"), [(StrictReader, 4000), (OpenSSLReader, 4000)])
def test_readers_agree(odd_and_jp: list[bytes], kind: type[LenientReader], least: int) -> None:
    """Which reader succeeded leaves no trace in a column, so no identity hangs on a library's version."""
    pairs = [pair for der in odd_and_jp for pair in told_by(kind, der)]
    assert len(pairs) >= least
    assert [value for value, _ in pairs] == [lenient for _, lenient in pairs]


def test_a_real_precert_entry(shared_data: Path) -> None:
    """Its .jp names and the key of its issuer are those in the leaf."""
    path = "responses/ctgo/get-entries.2014.kitasato-u.ac.jp-precert+godaddy.json"
    entry = json.loads((shared_data / path).read_bytes())["entries"][0]
    found = from_entry(parse_leaf(b64decode(entry["leaf_input"])), None)
    assert found.jp_names == ("*.kitasato-u.ac.jp", "kitasato-u.ac.jp")
    assert found.organization == "Kitasato University"
    assert found.issuer_key_hash == "7a6ad88298cba65b176ba3a7ab25ee8f90604033da6a98ac07959f566fa3ac54"
    assert found.faults == ()


def test_a_real_precertificate_is_one_with_its_entry(shared_data: Path) -> None:
    """The precertificate in extra_data, poison removed, gives all that the log's leaf gives."""
    path = "responses/ctgo/get-entries.logclient_test.json"
    entry = json.loads((shared_data / path).read_bytes())["entries"][0]
    leaf = parse_leaf(b64decode(entry["leaf_input"]))
    extra = parse_extra_data(b64decode(entry["extra_data"]), leaf.entry_type)
    assert extra.pre_certificate is not None
    alone = from_entry(x509_leaf(extra.pre_certificate), ExtraData(None, extra.chain))
    assert alone == from_entry(leaf, extra)

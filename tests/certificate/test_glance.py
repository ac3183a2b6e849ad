"""The glance at an entry: it may say "no .jp name" only where the full reader finds none and no damage."""

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctcollect.certificate import entry_jp_names, is_plainly_not_jp
from ctcollect.errors import MalformedEntry
from ctcollect.local_log import LocalLog
from ctcollect.protocol.rfc6962 import EntryType, MerkleTreeLeaf, parse_leaf
from ctcollect.protocol.static_ct import parse_data_tile
from tests.certificate.der import (
    BMP,
    COMMON_NAME,
    ORGANIZATION,
    PRINTABLE,
    attribute,
    certificate,
    extension,
    name,
    san,
    tbs,
    tlv,
)
from tests.certificate.test_names import certificates
from tests.certificate.test_real_data import contents_of, x509_leaf
from tests.protocol.mutations import broken

RANDOM_CHANGES = 10_000
# Octets that mean something in DER or in a name.
TELLING = bytes(
    (0x00, 0x01, 0x02, 0x04, 0x06, 0x1E, 0x1F, 0x2E, 0x30, 0x31, 0x6A, 0x70, 0x7F, 0x80, 0x81, 0x82, 0xA3, 0xFF)
)

KEY = tlv(0x30, tlv(0x30, tlv(0x06, b"\x2b\x65\x70")), tlv(0x03, b"\0" + b"\x6a" * 32))
CRITICAL = tlv(0x30, tlv(0x06, bytes.fromhex("551d0f")), tlv(0x01, b"\xff"), tlv(0x04, tlv(0x03, b"\7\x80")))
REVOCATION_LIST = extension("551d1f", tlv(0x30, tlv(0x86, b"http://crl.example.jp")))
OTHER_NAMES = extension("551d11", tlv(0x30, tlv(0x81, b"mail@x.jp"), tlv(0x86, b"http://y.jp"), tlv(0x82, b"x.jp.net")))


def precert(tbs_certificate: bytes) -> bytes:
    return MerkleTreeLeaf(0, EntryType.PRECERT, None, bytes(32), tbs_certificate).encode()


def x509(tbs_certificate: bytes) -> bytes:
    return MerkleTreeLeaf(0, EntryType.X509, certificate(tbs_certificate), None, None).encode()


def subject(common_name: bytes, tag: int = PRINTABLE) -> bytes:
    return name(attribute(ORGANIZATION, b"a.jp"), attribute(COMMON_NAME, common_name, tag))


NEAR_MISSES = (
    tbs(subject(b"x.jp.com"), [CRITICAL, san(b"x.jp.com", b"jp.example"), REVOCATION_LIST], key=KEY),
    tbs(name(), [REVOCATION_LIST, OTHER_NAMES], key=KEY),
)


def has_jp_or_damage(leaf_input: bytes) -> bool:
    """The full reader's word."""
    try:
        return bool(entry_jp_names(parse_leaf(leaf_input)))
    except MalformedEntry:
        return True


def is_sound(leaf_input: bytes) -> bool:
    return not (is_plainly_not_jp(leaf_input) and has_jp_or_damage(leaf_input))


@pytest.mark.parametrize("tbs_certificate", NEAR_MISSES)
def test_near_misses_are_told_at_a_glance(tbs_certificate: bytes) -> None:
    """A .jp inside a name, in an organization, an address or another kind of name needs no full reading."""
    assert is_plainly_not_jp(precert(tbs_certificate))
    assert is_plainly_not_jp(x509(tbs_certificate))


@pytest.mark.parametrize("ending", [b"x.jp", b"X.JP", b"x.jP.", "x.jp\u3002".encode(), "日本\uff0ejp".encode()])
def test_jp_names_are_never_passed_over(ending: bytes) -> None:
    """In the commonName or among the dNSNames, in any case, with any dot behind."""
    assert not is_plainly_not_jp(precert(tbs(subject(ending), [san(b"x.com")])))
    assert not is_plainly_not_jp(x509(tbs(subject(b"x.com"), [san(b"x.com"), san(b"y.com", ending, b"z.com")])))
    assert not is_plainly_not_jp(x509(tbs(subject("x.jp".encode("utf-16-be"), BMP), [san(b"x.com")])))


def changes(leaf_input: bytes) -> Iterator[bytes]:
    """Each octet replaced by all that mean something, and by its neighbours; then two or three places at once."""
    for at, octet in enumerate(leaf_input):
        for other in {*TELLING, (octet + 1) % 256, (octet - 1) % 256}:
            yield leaf_input[:at] + bytes((other,)) + leaf_input[at + 1 :]
    draw = random.Random(1)
    for _ in range(RANDOM_CHANGES):
        changed = bytearray(leaf_input)
        for _ in range(draw.randint(2, 3)):
            changed[draw.randrange(12, len(changed))] = draw.choice(TELLING)
        yield bytes(changed)


@pytest.mark.parametrize("as_leaf", [precert, x509])
@pytest.mark.parametrize("tbs_certificate", [*NEAR_MISSES, tbs(subject(b"x.jp"), [san(b"y.jp")], key=KEY)])
def test_damaged_certificates_are_left_to_the_full_reader(
    tbs_certificate: bytes, as_leaf: Callable[[bytes], bytes]
) -> None:
    """Fifteen thousand changed ones of each: never no where the full reader says yes, or damaged."""
    assert all(map(is_sound, changes(as_leaf(tbs_certificate))))


@given(broken(certificates), st.booleans())
def test_no_certificate_is_judged_wrongly(der: bytes, is_precert: bool) -> None:
    """Names of all kinds, string types and encodings, whole and broken."""
    fields = (EntryType.PRECERT, None, bytes(32), der) if is_precert else (EntryType.X509, der, None, None)
    if der:
        assert is_sound(MerkleTreeLeaf(0, *fields).encode())


@given(st.binary(max_size=80) | broken(st.just(precert(NEAR_MISSES[0]))))
def test_no_leaf_is_judged_wrongly(leaf_input: bytes) -> None:
    """What is no leaf is for the coordinator."""
    assert is_sound(leaf_input)


def test_nearly_all_near_misses_of_a_log_need_no_full_reading() -> None:
    """A log with every kind of name and of oddity: all judged rightly, and next to none read for nothing."""
    leaves = [entry.leaf_input for entry in LocalLog.generate("made", 2_000, 1, near_miss_share=0.5).entries]
    assert all(map(is_sound, leaves))
    others = [leaf for leaf in leaves if not has_jp_or_damage(leaf)]
    assert sum(map(is_plainly_not_jp, others)) > 0.98 * len(others)


def test_real_certificates_are_judged_rightly(shared_data: Path) -> None:
    """Odd ones and those with .jp names; and a production log's, not one of which needs a full reading."""
    folders = (shared_data / "certs-odd", shared_data / "certs-jp")
    leaves = [x509_leaf(der).encode() for folder in folders for der in contents_of(folder)]
    assert all(map(is_sound, leaves))
    tile = (shared_data / "static-ct/navigli2025h2/tile/data/000").read_bytes()
    assert all(is_plainly_not_jp(leaf.leaf_input) for leaf in parse_data_tile(tile, 256))

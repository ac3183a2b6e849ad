"""The DNS names of a certificate, which decide whether an entry is kept."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctcollect.certificate import dns_names, entry_jp_names
from ctcollect.domains import is_jp, may_hold_jp
from ctcollect.errors import MalformedEntry
from ctcollect.protocol.rfc6962 import EntryType, MerkleTreeLeaf
from tests.certificate.der import (
    BMP,
    COMMON_NAME,
    ENCODINGS,
    IA5,
    ORGANIZATION,
    PRINTABLE,
    T61,
    UNIVERSAL,
    UTF8,
    attribute,
    certificate,
    extension,
    name,
    san,
    tbs,
    tlv,
)
from tests.protocol.mutations import broken

host_names = st.builds(
    "{}{}{}".format,
    st.text("abJP09-_*éü", max_size=8),
    st.sampled_from(".\u3002\uff0e\uff61") | st.just(""),
    st.sampled_from(["jp", "JP", "Jp.", "com", "jp.com", "jpn", ""]),
)
string_types = st.sampled_from([UTF8, PRINTABLE, T61, IA5, UNIVERSAL, BMP])


def common_name(text: str, tag: int) -> bytes:
    return attribute(COMMON_NAME, text.encode(ENCODINGS.get(tag, "utf-8"), errors="ignore"), tag)


certificates = st.builds(
    lambda subject, sans: certificate(tbs(name(*subject), [san(*(each.encode() for each in sans))])),
    st.lists(st.builds(common_name, host_names, string_types), max_size=2),
    st.lists(host_names, max_size=3),
)


def precert_leaf(tbs_certificate: bytes) -> MerkleTreeLeaf:
    return MerkleTreeLeaf(0, EntryType.PRECERT, None, bytes(32), tbs_certificate)


def test_names_of_subject_and_san_in_their_order() -> None:
    """Every commonName, then every dNSName, as they stand; other attributes and name types do not count."""
    subject = name(
        attribute(ORGANIZATION, b"o.jp"),
        attribute(COMMON_NAME, "日本.jp".encode("utf-16-be"), BMP),
        attribute(COMMON_NAME, b"Second.JP", PRINTABLE),
    )
    others = extension("551d11", tlv(0x30, tlv(0x81, b"mail@x.jp"), tlv(0x86, b"http://y.jp"), tlv(0x82, b"b.jp.")))
    body = tbs(subject, [san(b"*.a.jp", "é.jp".encode(), b"\xe9.jp"), others])
    expected = ("日本.jp", "Second.JP", "*.a.jp", "é.jp", "é.jp", "b.jp.")
    assert dns_names(body, is_tbs=True) == expected
    assert dns_names(certificate(body), is_tbs=False) == expected
    assert entry_jp_names(precert_leaf(body)) == (
        "*.a.jp",
        "b.jp",
        "second.jp",
        "xn--9ca.jp",
        "xn--wgv71a.jp",
    )


@given(certificates)
def test_no_jp_certificate_passes_the_cheap_test_unseen(der: bytes) -> None:
    """Whatever the full parse finds to be .jp, the search over raw octets has noticed."""
    if any(map(is_jp, dns_names(der, is_tbs=False))):
        assert may_hold_jp(der)


@given(broken(certificates), st.booleans())
def test_any_octets_give_names_or_malformed_entry(octets: bytes, is_tbs: bool) -> None:
    """Nothing else is ever raised, and the cheap test holds for broken certificates too."""
    try:
        names = dns_names(octets, is_tbs)
    except MalformedEntry:
        return
    assert may_hold_jp(octets) or not any(map(is_jp, names))


def test_damage_that_may_hide_a_jp_name_makes_the_entry_malformed() -> None:
    """Names before the damage count; with no .jp name among them the entry is kept as malformed."""
    cut = extension("551d11", tlv(0x30, tlv(0x82, b"a.jp"), b"\x82\x7fb.jp"))
    assert dns_names(tbs(name(), [cut]), is_tbs=True) == ("a.jp",)
    assert entry_jp_names(precert_leaf(tbs(name(), [cut]))) == ("a.jp",)
    hidden = extension("551d11", tlv(0x30, tlv(0x82, b"a.com"), b"\x82\x7fb.jp"))
    assert dns_names(tbs(name(), [hidden]), is_tbs=True) == ("a.com",)
    with pytest.raises(MalformedEntry, match="san_names"):
        entry_jp_names(precert_leaf(tbs(name(), [hidden])))


def test_a_certificate_of_sixteen_mebibytes_is_read_in_linear_time() -> None:
    """The largest entry that a log can hold, full of names."""
    sans = [b"%07d.example.jp" % number for number in range((2**24 - 2**12) // 20)]
    body = tbs(name(), [san(*sans)])
    assert 2**24 - 2**13 < len(body) < 2**24
    start = time.monotonic()
    assert len(dns_names(body, is_tbs=True)) == len(sans)
    assert time.monotonic() - start < 10

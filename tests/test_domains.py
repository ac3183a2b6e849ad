"""Names in one written form, the test for .jp, and the kinds of .jp names."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ctcollect.domains import (
    is_idn,
    is_jp,
    is_local_government,
    jp_suffixes_sha256,
    may_hold_jp,
    normalise,
    organisation_type,
    registered_domain,
    registry_class,
)

DOTS = ".\u3002\uff0e\uff61"

labels = st.text(st.sampled_from("abJPjp09-_*é日本ü\u00adｊｐßİΣ\u2024@ \u3000") | st.characters(), max_size=12)
raw_names = st.builds(
    lambda parts, dots, end: "".join(part + dot for part, dot in zip(parts, dots, strict=False)) + end,
    st.lists(labels, max_size=4),
    st.text(DOTS, min_size=4, max_size=4),
    st.sampled_from(["jp", "JP", "jP.", "jp\u3002", "com", "ｊｐ", "é\u2024jp", ""]) | labels,
)
jp_names = st.builds(
    "{}{}{}".format,
    st.text("abJP09-_é日本üß☃", min_size=1, max_size=12),
    st.sampled_from(DOTS),
    st.sampled_from(["jp", "JP", "jP", "Jp."]),
).filter(is_jp)


@pytest.mark.parametrize(
    ("raw", "normal"),
    [
        ("WWW.Example.JP", "www.example.jp"),
        ("example.jp.", "example.jp"),
        ("*.example.jp", "*.example.jp"),
        ("w*.example.jp", "w*.example.jp"),
        ("_dmarc.example.jp", "_dmarc.example.jp"),
        ("日本語.jp", "xn--wgv71a119e.jp"),
        ("*.日本語。jp", "*.xn--wgv71a119e.jp"),
        ("a\uff0eb\uff61jp\u3002", "a.b.jp"),
        ("BÜCHER.jp", "xn--bcher-kva.jp"),
        ("ＷＷＷ.example.jp", "www.example.jp"),
        ("XN--WGV71A119E.jp", "xn--wgv71a119e.jp"),
        ("a" * 63 + ".jp", "a" * 63 + ".jp"),
        ("localhost", "localhost"),
    ],
)
def test_names_have_one_written_form(raw: str, normal: str) -> None:
    """Case, trailing dot, the four dots and U-labels leave no trace."""
    assert normalise(raw) == normal


@pytest.mark.parametrize(
    "raw",
    [
        *("", ".", "..", "a..jp", ".jp", "example.jp..", "*", "a" * 64 + ".jp", "é" * 60 + ".jp"),
        *("a b.jp", "a\u3000é.jp", "user@example.jp", "http://x.jp", "x.jp:443", "x.jp/", "a\0.jp", "é\0.jp"),
        *("192.0.2.1", "2001:db8::1", "日本\n.jp", "x,y.jp", "x.ｊｐ", "é.ｊｐ", "\u3002"),
    ],
)
def test_what_is_no_dns_name_has_no_form(raw: str) -> None:
    """White space, other signs, empty and over-long labels, addresses, look-alike top-level domains."""
    assert normalise(raw) is None
    assert not is_jp(raw)


def test_a_name_has_at_most_253_octets() -> None:
    """The limit counts the name without its trailing dot, in A-labels."""
    longest = ".".join(["a" * 63] * 3 + ["b" * 58, "jp"])
    assert len(longest) == 253
    assert normalise(longest + ".") == longest
    assert normalise("x" + longest) is None
    assert normalise("é." + longest[4:]) is None


def test_a_label_that_idna_refuses_is_kept_in_punycode() -> None:
    """No .jp name is lost for a letter that UTS 46 forbids."""
    normal = normalise("☃_\ue000.jp")
    assert normal == "xn--_-0xp2840f.jp"
    assert normal.removesuffix(".jp").removeprefix("xn--").encode().decode("punycode") == "☃_\ue000"


@given(raw_names)
@example("é\u2024jp")
@example("x.j\u00adp")
def test_the_written_form_is_final_and_decides_on_jp(raw: str) -> None:
    """Normalising twice changes nothing, and a raw name is .jp exactly when its written form is."""
    normal = normalise(raw)
    assert normal is None or normalise(normal) == normal
    assert is_jp(raw) == (normal is not None and normal.endswith(".jp"))


@pytest.mark.parametrize("name", ["x.jp", "X.JP", "*.x.co.jp", "*.jp", "x.jp.", "日本.jP", "x\u3002jp", "x.xn--.jp"])
def test_names_under_jp(name: str) -> None:
    """Any case, wildcard, trailing dot and any of the four dots."""
    assert is_jp(name)


@pytest.mark.parametrize("name", ["jp", "x.jp.com", "notjp", "x.notjp", "user@x.jp", "x.jpn", "x.ｊｐ", "jp."])
def test_names_not_under_jp(name: str) -> None:
    """The last label must be jp, in ASCII, with a label before it."""
    assert not is_jp(name)


@given(
    jp_names,
    st.sampled_from(["utf-8", "utf-16-be", "utf-32-be"]),
    st.binary(max_size=20),
    st.binary(max_size=20),
)
def test_no_jp_name_passes_the_cheap_test_unseen(name: str, encoding: str, before: bytes, after: bytes) -> None:
    """In any encoding of a certificate's strings, between any octets, a .jp name is noticed."""
    assert may_hold_jp(before + name.encode(encoding) + after)


@pytest.mark.parametrize("octets", [b"", b"www.example.com", b"xajpx", "日本jp".encode(), b".j.p"])
def test_the_cheap_test_turns_others_away(octets: bytes) -> None:
    """Most entries, whose octets do not show a dot and jp, are not read further."""
    assert not may_hold_jp(octets)


@pytest.mark.parametrize(
    ("name", "domain", "kind"),
    [
        ("www.u-tokyo.ac.jp", "u-tokyo.ac.jp", "ac"),
        ("*.example.co.jp", "example.co.jp", "co"),
        ("www.example.jp.", "example.jp", "general"),
        ("日本語.jp", "xn--wgv71a119e.jp", "general"),
        ("customer.sakura.ne.jp", "sakura.ne.jp", "ne"),
        ("www.example.tokyo.jp", "example.tokyo.jp", "prefecture"),
        ("www.example.東京.jp", "example.xn--1lqs71d.jp", "prefecture"),
        ("www.example.chiyoda.tokyo.jp", "example.chiyoda.tokyo.jp", "geographic"),
        ("www.example.x.kobe.jp", "example.x.kobe.jp", "geographic"),
        ("www.metro.tokyo.lg.jp", "tokyo.lg.jp", "local_gov"),
        ("www.metro.tokyo.jp", "metro.tokyo.jp", "local_gov"),
        ("pref.osaka.jp", "pref.osaka.jp", "local_gov"),
        ("www.city.chiyoda.tokyo.jp", "city.chiyoda.tokyo.jp", "local_gov"),
        ("www.city.kawasaki.jp", "city.kawasaki.jp", "local_gov"),
        ("pref.example.jp", "example.jp", "general"),
        ("city.example.co.jp", "example.co.jp", "co"),
        ("www.example.com", "example.com", "other"),
        ("co.jp", None, "co"),
        ("jp", None, "general"),
        ("*.tokyo.jp", None, "prefecture"),
        ("x.kobe.jp", None, "geographic"),
        ("kobe.jp", None, "geographic"),
        ("no name", None, "other"),
    ],
)
def test_registered_domain_and_kind(name: str, domain: str | None, kind: str) -> None:
    """JPRS's kinds by the ICANN section of the public suffix list; local authorities from all of them."""
    assert (registered_domain(name), organisation_type(name)) == (domain, kind)


@pytest.mark.parametrize(
    ("name", "kind", "is_local"),
    [
        ("www.metro.tokyo.lg.jp", "lg", True),
        ("pref.osaka.jp", "prefecture", True),
        ("www.city.chiyoda.tokyo.jp", "geographic", True),
        ("city.kawasaki.jp", "geographic", True),
        ("www.example.x.kobe.jp", "geographic", False),
        ("www.mext.go.jp", "go", False),
        ("city.example.jp", "general", False),
        ("tokyo.jp", "prefecture", False),
    ],
)
def test_local_government_lies_over_the_registry_classes(name: str, kind: str, is_local: bool) -> None:
    """A local authority keeps its registry class; the overlay gathers those of all classes."""
    assert (registry_class(name), is_local_government(name)) == (kind, is_local)
    assert organisation_type(name) == ("local_gov" if is_local else kind)


def test_an_internationalised_domain_is_known() -> None:
    """By the registered domain's labels, not by those before it."""
    assert is_idn("www.日本語.jp")
    assert not is_idn("日本語.example.jp")
    assert not is_idn("jp")


def test_the_suffixes_are_a_snapshot() -> None:
    """The .jp rules are those of one day, so that a domain's class does not change with a dependency."""
    assert jp_suffixes_sha256() == "3b7840b94e6b16186d7c4e43bfeb44611704bd22d5fd817fed2d73f6474ec933"
    assert registered_domain("www.example.co.uk") == "example.co.uk"

"""Domain names as certificates hold them: one written form, what is .jp, and which kind of .jp name.

Pure: the only files read are the snapshot of .jp's public suffixes beside this module and, for other names, the list
that the package publicsuffixlist brings.
"""

import hashlib
import re
from functools import cache
from importlib.resources import files

import idna
from publicsuffixlist import PublicSuffixList

MAX_NAME_OCTETS = 253  # RFC 1035, section 2.3.4: 255 on the wire, less the first length and the root label
MAX_LABEL_OCTETS = 63

# RFC 3490, section 3.1: the four characters that separate labels.
DOTS = re.compile("[.\u3002\uff0e\uff61]")
_NOT_IN_A_NAME = re.compile(r"[\s\x80-\x9f]")

# Letters, digits and hyphens (RFC 1123, section 2.1); the underscore of service names and the asterisk of
# wildcards, which old certificates carry inside a label too, are met in certificates and taken. A last
# label of digits alone is an IP address.
_LABEL = rf"{{1,{MAX_LABEL_OCTETS}}}"
_A_NAME = re.compile(rf"(?:[a-z0-9_*-]{_LABEL}\.)*(?![0-9]+\Z)[a-z0-9_-]{_LABEL}")


def normalise(name: str) -> str | None:
    """``name`` in lower case, with A-labels for U-labels and without a trailing dot; a leading ``*.`` stays.

    None when it is no DNS name: white space, other signs, control characters, empty or over-long labels,
    more than 253 octets, an IP address. U-labels follow UTS 46; what it forbids is put in punycode as it
    stands, so that no name is lost for a letter.
    """
    lower = name.lower().removesuffix(".") if name.isascii() else _a_labels(name)
    return lower if len(lower) <= MAX_NAME_OCTETS and _A_NAME.fullmatch(lower) else None


def _a_labels(name: str) -> str:
    """The labels of a name that is not all ASCII, encoded; empty when it can be no DNS name."""
    # An A-label is never shorter than its U-label, so a longer name need not be encoded to be refused.
    if len(name) > MAX_NAME_OCTETS + 1 or _NOT_IN_A_NAME.search(name):
        return ""
    labels = DOTS.split(name)
    if labels[-1] == "":
        labels.pop()
    encoded = [_a_label(label) for label in labels]
    if not labels[-1].isascii() and not encoded[-1].startswith("xn--"):
        return ""  # a top-level domain in full-width letters is a look-alike, not the domain
    return ".".join(encoded)


def _a_label(label: str) -> str:
    if label.isascii():
        return label.lower()
    try:
        return idna.alabel(idna.uts46_remap(label, std3_rules=False)).decode("ascii")
    except UnicodeError:
        return "xn--" + label.lower().encode("punycode").decode("ascii")


def is_jp(name: str) -> bool:
    """Whether ``name``, raw or normalised, is a DNS name under .jp: its last of two or more labels is ``jp``.

    ``*.jp`` is; ``jp``, ``x.jp.com``, an e-mail address and ``jp`` in full-width letters are not.
    """
    return "jp" in name[-3:].lower() and (normalise(name) or "").endswith(".jp")


# In strings of octets the dots of DOTS in UTF-8 and "jp"; in a BMPString or UniversalString its letters alone, with
# their zero octets between. "j" first, and then a look back: a pattern that begins with a letter is searched several
# times as fast.
_DOT_JP = re.compile(rb"j(?:p(?:(?<=\.jp)|(?<=\xe3\x80\x82jp)|(?<=\xef\xbc\x8ejp)|(?<=\xef\xbd\xa1jp))|\0p|\0\0\0p)")


def may_hold_jp(leaf: bytes) -> bool:
    """False only when no name in ``leaf`` (the DER of a certificate or TBSCertificate) can be a .jp name.

    True means "read it": ``x.jp.com`` and chance octets pass too. This runs on every entry of every log, so
    it looks at octets and not at structure: one search serves all string types.
    """
    return _DOT_JP.search(leaf.lower()) is not None


ORGANISATIONAL = frozenset({"ac", "ad", "co", "ed", "go", "gr", "lg", "ne", "or"})
# All that organisation_type gives for a .jp name.
ORGANISATION_TYPES = (
    "ac", "ad", "co", "ed", "go", "gr", "ne", "or", "general", "geographic", "prefecture", "local_gov",
)  # fmt: skip
DESIGNATED_CITIES = frozenset({"kawasaki", "kitakyushu", "kobe", "nagoya", "sapporo", "sendai", "yokohama"})
LOCAL_GOVERNMENT = {
    "prefecture": frozenset({"metro", "pref"}),
    "geographic": frozenset({"city", "town", "vill"}),
}


@cache
def _jp_suffixes() -> PublicSuffixList:
    # A snapshot of the ICANN section: the private one would make each customer of a hosting company a domain, and a
    # domain's class must not change because a rule for geographic names is dropped while names under it still live.
    return PublicSuffixList(_snapshot().decode())


@cache
def _other_suffixes() -> PublicSuffixList:
    return PublicSuffixList(only_icann=True)


def _snapshot() -> bytes:
    return files(__package__).joinpath("jp_suffixes.dat").read_bytes()


def jp_suffixes_sha256() -> str:
    """SHA-256 (hex) of the snapshot that domains and their classes were told by: what a report cites."""
    return hashlib.sha256(_snapshot()).hexdigest()


def _suffixes(base: str) -> PublicSuffixList:
    return _jp_suffixes() if base.endswith(".jp") else _other_suffixes()


def registered_domain(name: str) -> str | None:
    """The domain that was registered, in normalised form: ``u-tokyo.ac.jp`` for ``www.u-tokyo.ac.jp``.

    None for a public suffix itself (``co.jp``, ``*.tokyo.jp``) and for what is no DNS name.
    """
    base = _without_wildcard(name)
    return _suffixes(base).privatesuffix(base) if base else None


def organisation_type(name: str) -> str:
    """The class of a .jp name with the local authorities of all classes as ``local_gov``; ``other`` outside .jp.

    ``registry_class`` where ``is_local_government`` is false.
    """
    kind, head = _class_and_head(name)
    return "local_gov" if _is_local(kind, head) else kind


def registry_class(name: str) -> str:
    """The class of a .jp name after JPRS's kinds of domain; ``other`` for a name that is not under .jp.

    One of the organisational labels (ac, ad, co, ed, go, gr, lg, ne, or), ``geographic`` (city.prefecture.jp and
    designated cities), ``prefecture``, ``general``.
    """
    return _class_and_head(name)[0]


def is_local_government(name: str) -> bool:
    """Whether a local authority holds the name, whatever its class: a functional overlay.

    lg.jp, {metro,pref}.<prefecture>.jp, {city,town,vill}.<place>.<prefecture>.jp, city.<designated city>.jp.
    """
    return _is_local(*_class_and_head(name))


def is_idn(domain: str) -> bool:
    """Whether the domain as registered holds an internationalised label: ``xn--wgv71a119e.jp``."""
    return any(label.startswith("xn--") for label in (registered_domain(domain) or "").split("."))


def _is_local(kind: str, head: str) -> bool:
    return kind == "lg" or head in LOCAL_GOVERNMENT.get(kind, ())


def _class_and_head(name: str) -> tuple[str, str]:
    """The class, and the label before the public suffix, which is empty for a suffix itself."""
    base = _without_wildcard(name)
    if base is None or base.split(".")[-1] != "jp":
        return "other", ""
    suffix = _suffixes(base).publicsuffix(base) or base
    return _suffix_class(suffix), base.removesuffix(suffix).rstrip(".").rpartition(".")[2]


def types_below(suffix: str) -> tuple[str, ...]:
    """The types that names below a public suffix of .jp may have: one below ``co.jp``, all below ``jp``."""
    labels = suffix.split(".")
    if labels == ["jp"]:
        return ORGANISATION_TYPES
    kind = labels[-2] if labels[-2:-1] and labels[-2] in ORGANISATIONAL else None
    if kind is None:
        return tuple(each for each in ORGANISATION_TYPES if each not in ORGANISATIONAL)
    return ("local_gov",) if kind == "lg" else (kind,)


def _suffix_class(suffix: str) -> str:
    labels = suffix.split(".")
    if len(labels) == 1:
        return "general"
    if labels[-2] in ORGANISATIONAL:
        return labels[-2]
    return "geographic" if len(labels) > 2 or labels[0] in DESIGNATED_CITIES else "prefecture"


def _without_wildcard(name: str) -> str | None:
    normal = normalise(name)
    return normal and normal.removeprefix("*.")

"""Certificates that strain parsers, as real logs hold them; most change one field of a sound one."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from random import Random

from ctcollect.local_log import der
from ctcollect.local_log.certificates import COUNTRY, ORGANIZATION, ORGANIZATIONAL_UNIT, Tbs, attribute

Oddity = Callable[[Tbs, Random], Tbs]

ODD_STRINGS = (
    attribute(ORGANIZATION, der.tlv(der.T61_STRING, b"Soci\xe9t\xe9 g\xe9n\xe9rale")),
    attribute(ORGANIZATION, der.tlv(der.VISIBLE_STRING, b"Visible\x07 Ltd")),
    attribute(ORGANIZATIONAL_UNIT, der.tlv(der.NUMERIC_STRING, b"not a number")),
    attribute(ORGANIZATIONAL_UNIT, der.tlv(der.UNIVERSAL_STRING, "大学".encode("utf-32-be"))),
    attribute(ORGANIZATIONAL_UNIT, der.tlv(der.PRINTABLE_STRING, b"under_score & at@sign")),
    attribute(COUNTRY, der.utf8("Japan")),
)
ODD_TIMES = (
    der.tlv(der.GENERALIZED_TIME, b"20240601000000Z"),  # before 2050 it must be UTCTime
    der.tlv(der.GENERALIZED_TIME, b"20240601000000.5Z"),
    der.tlv(der.UTC_TIME, b"2406010000Z"),  # without seconds
    der.tlv(der.UTC_TIME, b"240601090000+0900"),
)
# "No well-defined expiration date" (RFC 5280 4.1.2.5)
END_OF_TIME = der.tlv(der.GENERALIZED_TIME, b"99991231235959Z")


def negative_serial(tbs: Tbs, draw: Random) -> Tbs:
    return replace(tbs, serial=der.integer(-draw.getrandbits(127) - 1))


def empty_rdn(tbs: Tbs, draw: Random) -> Tbs:
    return replace(tbs, rdns=(der.set_of(), *tbs.rdns))


def odd_string(tbs: Tbs, draw: Random) -> Tbs:
    return replace(tbs, rdns=(draw.choice(ODD_STRINGS), *tbs.rdns))


def bad_utf8(tbs: Tbs, draw: Random) -> Tbs:
    broken = attribute(ORGANIZATION, der.tlv(der.UTF8_STRING, b"\xff\xfe\x80 Broken \xe6\x97"))
    return replace(tbs, rdns=(broken, *tbs.rdns))


def odd_time(tbs: Tbs, draw: Random) -> Tbs:
    return replace(tbs, not_before=draw.choice(ODD_TIMES))


def year_9999(tbs: Tbs, draw: Random) -> Tbs:
    return replace(tbs, not_after=END_OF_TIME)


# What can be changed inside a TBSCertificate; the name goes into the truth.
IN_TBS: Mapping[str, Oddity] = {
    "negative-serial": negative_serial,
    "empty-rdn": empty_rdn,
    "odd-string": odd_string,
    "bad-utf8": bad_utf8,
    "odd-time": odd_time,
    "year-9999": year_9999,
}
TRAILING_BYTES = "trailing-bytes"
RUBBISH = "rubbish"
RUBBISH_WITH_JP = "rubbish-jp"
ALL = (*IN_TBS, TRAILING_BYTES, RUBBISH, RUBBISH_WITH_JP)


def rubbish(draw: Random, with_jp: bool) -> bytes:
    """Some hundred bytes that nobody can read as a certificate: the first is no SEQUENCE."""
    noise = draw.randbytes(draw.randrange(20, 400))
    return b"\xff" + noise + (b"\x82\x0ewww.example.jp" if with_jp else b"") + noise[::-1]

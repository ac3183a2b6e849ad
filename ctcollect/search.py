"""What is asked of the collected certificates: the criteria, read from what a person typed, and a place in the answer.

Pure. Dates are days in Asia/Tokyo, both inclusive; a name may be written in any way that people write it.
"""

import re
import struct
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from typing import NamedTuple, Self

import pybase64

from ctcollect.domains import ORGANISATION_TYPES, normalise, registered_domain
from ctcollect.errors import ConfigurationError
from ctcollect.seasons import TOKYO

# How the names of a certificate may stand to the domain that is asked for.
BELOW, EXACT, REGISTERED = "below", "exact", "registered"
MATCHES = (BELOW, EXACT, REGISTERED)
LONGEST_TEXT = 400
FILTERS = (
    "domain", "match", "organisation_type", "issuer_o", "issuer_cn",
    "not_before_from", "not_before_to", "not_after_from", "not_after_to",
)  # fmt: skip
# Certificates whose not_before nobody can read stand after all others.
UNREADABLE = datetime(1000, 1, 1)
_PLACE = struct.Struct(">qq")
_EPOCH = datetime(1970, 1, 1)


class Unclear(ConfigurationError):
    """What was typed can't be understood. ``form`` % ``words`` is the sentence: whoever says it may translate ``form``,
    which stands as a literal wherever this is raised, so that it is found."""

    def __init__(self, form: str, **words: object) -> None:
        super().__init__(form % words)
        self.form, self.words = form, words


class Period(NamedTuple):
    """[start, end) in naive UTC; None is open."""

    start: datetime | None = None
    end: datetime | None = None


ALWAYS = Period()


@dataclass(frozen=True, slots=True)
class Criteria:
    """All of them hold for one name of a certificate, and for the certificate. ``domain`` is normalised.

    The issuer's names are compared without regard to capitals, width and surplus spaces.
    """

    domain: str | None = None
    match: str = BELOW
    organisation_type: str | None = None
    issuer_o: str | None = None
    issuer_cn: str | None = None
    not_before: Period = ALWAYS
    not_after: Period = ALWAYS


class Place(NamedTuple):
    """Where an answer, the newest first, was left off."""

    not_before: datetime
    certificate_id: int

    def encode(self) -> str:
        """The place as an opaque word for an address."""
        seconds = (self.not_before - _EPOCH) // timedelta(seconds=1)
        return pybase64.urlsafe_b64encode(_PLACE.pack(seconds, self.certificate_id)).decode().rstrip("=")

    @classmethod
    def decode(cls, word: str) -> Self:
        """Unclear unless ``encode`` made it."""
        try:
            if not re.fullmatch("[A-Za-z0-9_-]+", word):
                raise ValueError
            seconds, number = _PLACE.unpack(pybase64.urlsafe_b64decode(word + "=="))
            place = cls(_EPOCH + timedelta(seconds=seconds), number)
        except (ValueError, OverflowError, struct.error):
            place = None
        if place is None or place.encode() != word:
            raise Unclear("this is no place in a list of certificates: begin the search anew")
        return place


def parse_criteria(given: Mapping[str, str]) -> Criteria:
    """The criteria in ``given``, by the names of FILTERS; what is blank is not asked for.

    Unclear, in a line, for what can't be understood.
    """
    if unknown := sorted(set(given) - set(FILTERS)):
        name, known = repr(unknown[0][:LONGEST_TEXT]), ", ".join(FILTERS)
        raise Unclear("there is no filter %(name)s: there are %(known)s", name=name, known=known)
    words = {name: text for name, value in given.items() if (text := value.strip())}
    match = _one_of(words.get("match", BELOW), MATCHES, "match")
    kind = words.get("organisation_type")
    return Criteria(
        domain=_domain(words.get("domain"), match),
        match=match,
        organisation_type=kind and _one_of(kind, ORGANISATION_TYPES, "organisation_type"),
        issuer_o=_text(words, "issuer_o"),
        issuer_cn=_text(words, "issuer_cn"),
        not_before=_period(words, "not_before"),
        not_after=_period(words, "not_after"),
    )


def parse_domain(text: str) -> str:
    """A domain that a person typed, in normalised form; Unclear when it is none."""
    # Full-width letters, as Japanese keyboards give them, are no look-alikes here.
    plain = unicodedata.normalize("NFKC", text[:LONGEST_TEXT]).strip().rstrip(".\u3002")
    name = normalise(plain) if len(text) <= LONGEST_TEXT else None
    if name is None:
        raise Unclear("%(text)s is not a domain name", text=repr(text[:LONGEST_TEXT]))
    return name


def text_key(text: str | None) -> int | None:
    """64 bits that stand for a text of any length in an index; the same for capitals, widths and spaces alike."""
    if text is None:
        return None
    plain = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    return int.from_bytes(sha256(plain.encode(errors="surrogatepass")).digest()[:8], signed=True)


def _domain(text: str | None, match: str) -> str | None:
    if text is None:
        return None
    name = parse_domain(text)
    if match != REGISTERED:
        return name
    if (registered := registered_domain(name)) is None:
        raise Unclear(
            "%(name)s is a public suffix: nobody has registered it, search for what is below it", name=repr(name)
        )
    return registered


def _one_of(word: str, known: tuple[str, ...], what: str) -> str:
    if word not in known:
        value = repr(word[:LONGEST_TEXT])
        raise Unclear("%(name)s is %(value)s: use one of %(known)s", name=what, value=value, known=", ".join(known))
    return word


def _text(words: Mapping[str, str], name: str) -> str | None:
    text = words.get(name)
    if text and len(text) > LONGEST_TEXT:
        count = f"{len(text):,}"
        raise Unclear(
            "%(name)s has %(count)s characters: give at most %(most)s", name=name, count=count, most=LONGEST_TEXT
        )
    return text


def _period(words: Mapping[str, str], name: str) -> Period:
    first, last = (_day(words, f"{name}_{end}") for end in ("from", "to"))
    if first and last and first > last:
        raise Unclear(
            "%(name)s_from, %(first)s, is later than %(name)s_to, %(last)s", name=name, first=first, last=last
        )
    return Period(_midnight(first) if first else None, _midnight(last + timedelta(days=1)) if last else None)


def _day(words: Mapping[str, str], name: str) -> date | None:
    if name not in words:
        return None
    try:
        day = datetime.strptime(words[name], "%Y-%m-%d").date()
    except ValueError:
        day = date.min
    # MySQL keeps no times before the year 1000; the day after the last must be a day too.
    if not date(1000, 1, 2) <= day < date.max:
        given = repr(words[name][:LONGEST_TEXT])
        raise Unclear("%(name)s is %(value)s: give a day such as 2024-01-31", name=name, value=given)
    return day


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), TOKYO).astimezone(UTC).replace(tzinfo=None)

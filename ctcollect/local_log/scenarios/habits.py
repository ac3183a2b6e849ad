"""How certificates are renewed, by machine and by hand, as values: which are issued when. Times are Tokyo's."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple

from ctcollect.seasons import TOKYO

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
LETS_ENCRYPT, DIGICERT, AMAZON, GOOGLE = "Let's Encrypt", "DigiCert Inc", "Amazon", "Google Trust Services"
RSA, ECDSA = "RSA", "ECDSA"
# Ballot SC-081v3: what is issued from here on lasts 200 days at most.
SHORTER_FROM = datetime(2026, 3, 15, tzinfo=TOKYO)


class Planned(NamedTuple):
    """A certificate to be issued at ``issued``, valid for ``days`` from ``backdated`` before that.

    ``names`` are its DNS names, ``issuer`` the organizationName of its CA, ``key`` RSA or ECDSA.
    """

    names: tuple[str, ...]
    issued: datetime
    days: int
    issuer: str = LETS_ENCRYPT
    backdated: timedelta = timedelta()
    key: str = RSA

    @property
    def not_before(self) -> datetime:
        """To the second."""
        return (self.issued - self.backdated).replace(microsecond=0)

    @property
    def not_after(self) -> datetime:
        """The last second of its validity (RFC 5280, 4.1.2.5)."""
        return self.not_before + self.days * DAY - SECOND


def tokyo(year: int, month: int, day: int, hour: int = 0) -> datetime:
    return datetime(year, month, day, hour, tzinfo=TOKYO)


def cron(
    names: Sequence[str], start: datetime, count: int, *, seed: int = 1, issuer: str = LETS_ENCRYPT
) -> list[Planned]:
    """certbot: 90 days, every 60 days and up to 12 hours, at any hour; notBefore an hour before the time of issue."""
    chance, moment, made = Random(seed), start, []
    for _ in range(count):
        made.append(Planned(tuple(names), moment, 90, issuer, backdated=HOUR))
        moment += 60 * DAY + chance.uniform(0, 12) * HOUR
    return made


def by_hand(
    names: Sequence[str],
    start: datetime,
    days: int,
    leads: Sequence[int],
    *,
    issuer: str = DIGICERT,
    shorter_days: int | None = None,
) -> list[Planned]:
    """A person who renews so many days before expiry, in office hours; for ``shorter_days`` from SHORTER_FROM on."""
    chance = Random(1)
    moment, made = _office_hour(start, chance), []
    for lead in [*leads, 0]:
        validity = shorter_days if shorter_days and moment >= SHORTER_FROM else days
        made.append(Planned(tuple(names), moment, validity, issuer))
        moment = _office_hour(moment + (validity - lead) * DAY, chance)
    return made


def _office_hour(day: datetime, chance: Random) -> datetime:
    """A moment between 9 and 18 on this day or, at a weekend, on the Friday before."""
    while day.weekday() >= 5:
        day -= DAY
    return day.replace(hour=chance.randint(9, 17), minute=chance.randint(0, 59))

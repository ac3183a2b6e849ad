"""The ground truth: what machines and people do with their certificates, as values. Times are Tokyo's."""

import random
from datetime import datetime, timedelta

from ctcollect.analysis.issuance import Issuance
from tests.analysis.making import AMAZON, DIGICERT, GOOGLE, LETS_ENCRYPT, certificate, tokyo

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def cron(start: datetime, count: int, seed: int = 1, **how: object) -> list[Issuance]:
    """certbot: 90 days, every 60 days and up to 12 hours, at any hour."""
    chance, moment, made = random.Random(seed), start, []
    for _ in range(count):
        made.append(certificate(moment, 90, backdated=HOUR, **how))  # type: ignore[arg-type]
        moment += 60 * DAY + chance.uniform(0, 12) * HOUR
    return made


def office_hour(day: datetime, chance: random.Random) -> datetime:
    """A moment between 9 and 18 on this day or, at a weekend, on the Friday before."""
    while day.weekday() >= 5:
        day -= DAY
    return day.replace(hour=chance.randint(9, 17), minute=chance.randint(0, 59))


def by_hand(
    start: datetime, days: int, leads: list[float], seed: int = 1, issuer: str = DIGICERT, shorter: int | None = None
) -> list[Issuance]:
    """A person who renews so many days before expiry, in office hours; from 2026-03-15 for ``shorter`` days."""
    chance = random.Random(seed)
    moment, made = office_hour(start, chance), []
    for lead in [*leads, 0.0]:
        validity = shorter if shorter and moment >= tokyo(2026, 3, 15) else days
        made.append(certificate(moment, validity, issuer=issuer))
        moment = office_hour(moment + (validity - lead) * DAY, chance)
    return made


def late_person() -> list[Issuance]:
    """Scenario 2: a year's certificate by hand, renewed 5 to 35 days early, once four days late."""
    return by_hand(tokyo(2020, 6, 2), 397, [21, 9, -4, 33, 14])


def content_delivery_network() -> list[Issuance]:
    """Scenario 3: RSA and ECDSA in the same minute, another CA's backup 17 days later, each every 60 days."""
    made = []
    for turn in range(8):
        moment = tokyo(2023, 1, 7, 3) + turn * 60 * DAY + (turn * 5 % 7) * HOUR
        made += [certificate(moment, 90, key=key, issuer=GOOGLE) for key in ("RSA", "ECDSA")]
        made.append(certificate(moment + 17 * DAY, 90, issuer=LETS_ENCRYPT))
    return made


def moved_to_lets_encrypt() -> list[Issuance]:
    """Scenario 4: DigiCert by the year, notBefore at midnight UTC, then certbot."""
    by_year = [
        certificate(moment, 397, issuer=DIGICERT, backdated=timedelta(hours=moment.hour - 9))
        for moment in (tokyo(2020, 5, 12, 11), tokyo(2021, 5, 25, 15), tokyo(2022, 6, 6, 10))
    ]
    return by_year + cron(tokyo(2023, 6, 14, 14), 8)


def added_name() -> list[Issuance]:
    """Scenario 6: certbot, and with the fifth renewal one name more."""
    old = cron(tokyo(2023, 1, 10, 22), 5)
    names = ("www.example.jp", "shop.example.jp")
    return old + cron(tokyo(2023, 11, 7, 22), 5, names=names)


def replaced_by_wildcard() -> list[Issuance]:
    """Scenario 7: the certificate of a host is not renewed, a wildcard's takes its place; years later it comes back."""
    host = cron(tokyo(2023, 1, 10, 22), 5)
    wildcard = cron(tokyo(2023, 10, 20, 22), 8, names=("*.example.jp",))
    return host + wildcard + cron(tokyo(2024, 12, 20, 1), 2, seed=2)


def revoked_by_the_ca() -> list[Issuance]:
    """Scenario 8: certbot, all revoked on 2025-12-09 and issued again 12 days after issuance, then on as ever."""
    before = cron(tokyo(2025, 4, 1, 4), 4)
    last = cron(tokyo(2025, 11, 27, 4), 1)
    return before + last + cron(tokyo(2025, 12, 9, 13), 4, seed=3)


def three_servers() -> list[Issuance]:
    """Scenario 9: three servers with the same names, 0, 7 and 33 days apart."""
    return [
        certificate(each, 90, backdated=HOUR)
        for number, offset in enumerate((0, 7, 33))
        for turn in range(6)
        for each in [tokyo(2023, 1, 3, 2) + (offset + 60.25 * turn) * DAY + (number * 7 + turn * 3) % 5 * HOUR]
    ]


def broken_cron() -> list[Issuance]:
    """Scenario 11: expires on 31 December, mended by hand on 6 January, then as ever."""
    before = cron(tokyo(2022, 12, 1, 5), 5)
    last = certificate(tokyo(2023, 10, 2, 6), 90)  # to 2023-12-31 06:00
    return [*before, last, *cron(tokyo(2024, 1, 6, 11), 5, seed=4)]


def long_lapse() -> list[Issuance]:
    """Scenario 12: nobody renews, and after 400 days another CA issues."""
    before = cron(tokyo(2022, 1, 5, 5), 5)
    expired = datetime.fromtimestamp(before[-1].not_after_s or 0, tokyo(2022, 1, 1).tzinfo)
    return before + cron(expired + 400 * DAY, 4, issuer=GOOGLE)


def shorter_by_rule() -> list[Issuance]:
    """Scenario 13: 397 days by hand, from 2026-03-15 on 199."""
    return by_hand(tokyo(2021, 12, 7), 397, [12, 30, 7, 22, 16, 9, 27], shorter=199)


def amazon() -> list[Issuance]:
    """Scenario 14: ACM, 395 days, always renewed exactly 60 days before."""
    return [certificate(tokyo(2021, 2, 6, 3) + turn * 335 * DAY, 395, issuer=AMAZON) for turn in range(5)]


def lets_encrypt_by_hand() -> list[Issuance]:
    """Scenario 15: Let's Encrypt in office hours, 12 to 27 days before."""
    return by_hand(tokyo(2023, 1, 17), 90, [13, 25, 18, 27, 12, 21, 15, 24], issuer=LETS_ENCRYPT)


def missing_record() -> list[Issuance]:
    """Scenario 16: certbot, one certificate of which no log has a record."""
    made = cron(tokyo(2023, 1, 10, 22), 9)
    return made[:5] + made[6:]

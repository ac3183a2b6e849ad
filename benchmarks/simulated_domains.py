"""Registered domains whose renewals are simulated, so that the truth is known: who renews, and what was late.

Several ways of machines and of people, several CAs, from 2021-06-01 to 2026-06-01. Nothing here comes from the analysis
but the value that it takes and the calendar of business days, which a person heeds.
"""

import hashlib
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from ctcollect.analysis.issuance import DAY_S, HOUR_S, Issuance
from ctcollect.analysis.japan_days import JST_OFFSET_S, day_at, day_number

Truth = Literal["automated", "manual"]
START_S = datetime(2021, 6, 1, tzinfo=UTC).timestamp()
END_S = datetime(2026, 6, 1, tzinfo=UTC).timestamp()
SHORTER_FROM_S = datetime(2026, 3, 15, tzinfo=UTC).timestamp()  # SC-081v3: 200 days
SUFFIXES = ["jp"] * 12 + ["co.jp"] * 6 + ["ne.jp", "or.jp", "ac.jp", "go.jp", "lg.jp", "ed.jp", "tokyo.jp"]
PAID_CAS = ["DigiCert Inc", "GlobalSign nv-sa", "Japan Registry Services Co., Ltd.", "SECOM Trust Systems CO.,LTD."]
# CA/Browser Forum's reserved policy identifiers (Baseline Requirements 7.1.6.1).
DOMAIN_VALIDATED, ORGANISATION_VALIDATED = "2.23.140.1.2.1", "2.23.140.1.2.2"
LETS_ENCRYPT, GOOGLE, AMAZON = "Let's Encrypt", "Google Trust Services", "Amazon"
LOGS = ("log-a", "log-b")


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate; ``is_late`` if it came up to 30 days after its predecessor's expiry, ``by`` who had it issued."""

    issuance: Issuance
    is_late: bool
    by: Truth


@dataclass(frozen=True, slots=True)
class SimulatedDomain:
    """``truth`` is who renews at the end."""

    domain: str
    behaviour: str
    truth: Truth
    issued: tuple[Issued, ...]


@dataclass(slots=True)
class Maker:
    """What one domain's behaviour works with."""

    domain: str
    chance: random.Random
    made: list[Issued]

    def issue(self, at_s: float, days: float, issuer: str, by: Truth, is_late: bool = False, key: str = "") -> None:
        """One certificate at a moment, if anything is simulated then."""
        if not START_S <= at_s < END_S:
            return
        text = f"{self.domain} {at_s} {days} {issuer} {key}"
        identity = hashlib.sha256(text.encode()).hexdigest()
        backdated_s = HOUR_S if issuer == LETS_ENCRYPT else 0
        not_before_s = int(at_s) - backdated_s
        issuance = Issuance(
            id=int(identity[:12], 16),
            identity=identity,
            issuer_key_hash=hashlib.sha256(issuer.encode()).hexdigest(),
            serial=identity[:32],
            issuer_o=issuer,
            issuer_cn=issuer,
            not_before_s=not_before_s,
            not_after_s=not_before_s + round(days * DAY_S) - 1,
            issued_at_s=at_s,
            names=(self.domain, f"www.{self.domain}"),
            registered_domains=(self.domain,),
            policy_oids=(ORGANISATION_VALIDATED if issuer in PAID_CAS else DOMAIN_VALIDATED,),
            log_ids=LOGS,
        )
        # Of the first that anybody could see nobody can say what it followed.
        self.made.append(Issued(issuance, is_late and bool(self.made), by))

    def first(self, period_days: float) -> float:
        """When the first certificate is issued: one to four periods before all begins, so that no day is favoured."""
        return START_S - self.chance.uniform(period_days, 4 * period_days) * DAY_S

    def office_hour(self, at_s: float) -> float:
        """When a person does what was to be done then: nearly always in office hours, on the business day before."""
        if self.chance.random() < 0.03:
            return at_s + self.chance.uniform(-0.5, 0.5) * DAY_S
        number = day_number(at_s)
        while not day_at(number * DAY_S - JST_OFFSET_S).is_business:
            number -= 1
        hour = self.chance.uniform(9, 18) if self.chance.random() < 0.9 else self.chance.uniform(18, 23)
        return number * DAY_S - JST_OFFSET_S + hour * HOUR_S


def _each_period(
    maker: Maker, days: float, used_days: Callable[[], float], issuer: str, start_s: float = 0, late: float = 1 / 1500
) -> None:
    """A machine: after ``used_days`` the next; late with the given chance, for the job was broken."""
    at_s, is_late = start_s or maker.first(used_days()), False
    while at_s < END_S:
        maker.issue(at_s, days, issuer, "automated", is_late)
        is_late = maker.chance.random() < late
        used = days + maker.chance.uniform(0.2, 20) if is_late else used_days()
        at_s += used * DAY_S


def _by_hand(maker: Maker, days: int, leads: tuple[float, float], issuer: str, late: float) -> None:
    """A person, so many days before the expiry; late with the given chance, or gone for months in one of 200."""
    at_s, is_late = maker.office_hour(maker.first(days - sum(leads) / 2)), False
    while at_s < END_S:
        validity = min(days, 199) if at_s >= SHORTER_FROM_S else days
        maker.issue(at_s, validity, issuer, "manual", is_late)
        backdated_d = HOUR_S / DAY_S if issuer == LETS_ENCRYPT else 0
        lead, draw = maker.chance.uniform(*leads), maker.chance.random()
        if draw < late:
            lead = -maker.chance.uniform(1, 25)
        elif draw < late + 0.005:
            lead = -maker.chance.uniform(100, 500)
        expires_s = at_s + (validity - backdated_d) * DAY_S
        at_s = max(maker.office_hour(expires_s - lead * DAY_S), at_s + DAY_S)
        is_late = HOUR_S < at_s - expires_s <= 30 * DAY_S


def certbot(maker: Maker) -> None:
    _each_period(maker, 90, lambda: 60 + maker.chance.uniform(0, 0.5), LETS_ENCRYPT)


def renewal_information(maker: Maker) -> None:
    _each_period(maker, 90, lambda: 60 + maker.chance.uniform(-1, 1), maker.chance.choice([LETS_ENCRYPT, GOOGLE]))


def night_cron(maker: Maker) -> None:
    start_s = (day_number(maker.first(61)) + 18 / 24) * DAY_S  # 03:00 in Tokyo
    _each_period(maker, 90, lambda: 61.0, LETS_ENCRYPT, start_s=start_s)


def managed_by_year(maker: Maker) -> None:
    _each_period(maker, 395, lambda: 335.0 + maker.chance.uniform(0, 0.1), AMAZON)


def backup_ca(maker: Maker) -> None:
    at_s, offset = maker.first(60), maker.chance.uniform(10, 25) * DAY_S
    while at_s < END_S:
        for key in ("RSA", "ECDSA"):
            maker.issue(at_s, 90, GOOGLE, "automated", key=key)
        maker.issue(at_s + offset, 90, LETS_ENCRYPT, "automated")
        at_s += (60 + maker.chance.uniform(0, 0.5)) * DAY_S


def three_servers(maker: Maker) -> None:
    first_s = maker.first(60)
    for offset in (0, 7, 33):
        start_s = first_s + offset * DAY_S
        # One server's late renewal is no gap: the others' certificates have the same names.
        _each_period(maker, 90, lambda: 60 + maker.chance.uniform(0, 0.2), LETS_ENCRYPT, start_s, late=0)


def year_by_hand(maker: Maker) -> None:
    _by_hand(maker, 397, (5, 35), maker.chance.choice(PAID_CAS), late=0.03)


def quarter_by_hand(maker: Maker) -> None:
    _by_hand(maker, 90, (5, 27), LETS_ENCRYPT, late=0.04)


def moved_to_machine(maker: Maker) -> None:
    _by_hand(maker, 397, (5, 35), maker.chance.choice(PAID_CAS), late=0.03)
    moved_s = START_S + maker.chance.uniform(1.5, 3) * 365 * DAY_S
    kept = [each for each in maker.made if (each.issuance.issued_at_s or 0) < moved_s]
    maker.made[:] = kept
    _each_period(maker, 90, lambda: 60 + maker.chance.uniform(0, 0.5), LETS_ENCRYPT, start_s=moved_s)


BEHAVIOURS: dict[str, tuple[Callable[[Maker], None], Truth, int]] = {
    "certbot, every 60 days": (certbot, "automated", 24),
    "ACME with renewal information, 60 days +-1": (renewal_information, "automated", 12),
    "cron at 03:00, every 61 days": (night_cron, "automated", 8),
    "managed, 395 days, 60 before": (managed_by_year, "automated", 6),
    "CDN: two keys and a backup CA": (backup_ca, "automated", 5),
    "three servers, one name set": (three_servers, "automated", 3),
    "a year by hand, 5 to 35 days before": (year_by_hand, "manual", 28),
    "90 days by hand, 5 to 27 days before": (quarter_by_hand, "manual", 8),
    "by hand, then certbot": (moved_to_machine, "automated", 6),
}


def simulated_domains(count: int, seed: int) -> Iterator[SimulatedDomain]:
    """So many domains, each of a behaviour by chance; the same for the same seed."""
    names, weights = list(BEHAVIOURS), [weight for _, _, weight in BEHAVIOURS.values()]
    for number in range(count):
        chance = random.Random(f"{seed} {number}")
        maker = Maker(f"d{number:05}.{chance.choice(SUFFIXES)}", chance, [])
        behaviour = chance.choices(names, weights)[0]
        make, truth, _ = BEHAVIOURS[behaviour]
        make(maker)
        yield SimulatedDomain(maker.domain, behaviour, truth, tuple(maker.made))

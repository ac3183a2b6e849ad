"""Certificates as values for the tests of the analysis: what a CA would have issued, at times given in Tokyo."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from ctcollect.analysis.coverage import Coverage, LogCoverage
from ctcollect.analysis.domain import analyse_domain
from ctcollect.analysis.issuance import Issuance
from ctcollect.analysis.lineage import LineageResult
from ctcollect.analysis.rules import default_rules
from ctcollect.domains import registered_domain
from ctcollect.seasons import TOKYO

RULES = default_rules()
LETS_ENCRYPT, DIGICERT, AMAZON, GOOGLE = "Let's Encrypt", "DigiCert Inc", "Amazon", "Google Trust Services"


def jp_domains(names: Iterable[str]) -> tuple[str, ...]:
    """The registered domains of the .jp names, sorted; a bare public suffix gives none."""
    domains = {registered_domain(name) for name in names if name.endswith(".jp")}
    return tuple(sorted(domain for domain in domains if domain))


def tokyo(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    """A moment by the clock of Tokyo."""
    return datetime(year, month, day, hour, minute, tzinfo=TOKYO)


def certificate(
    issued: datetime,
    days: float,
    *,
    names: Sequence[str] = ("www.example.jp",),
    issuer: str = LETS_ENCRYPT,
    backdated: timedelta = timedelta(),
    key: str = "RSA",
    logs: Sequence[str] = ("log-a", "log-b"),
) -> Issuance:
    """One issuance, its serial made of what it is, so that the same call gives the same certificate."""
    sorted_names = tuple(sorted(set(names)))
    serial = hashlib.sha256(f"{issued} {days} {sorted_names} {issuer} {key}".encode()).hexdigest()
    not_before_s = int((issued - backdated).timestamp())
    return Issuance(
        id=int(serial[:12], 16),
        identity=serial,
        issuer_key_hash=hashlib.sha256(issuer.encode()).hexdigest(),
        serial=serial[:32],
        issuer_o=issuer,
        issuer_cn=f"{issuer} {key}",
        not_before_s=not_before_s,
        not_after_s=not_before_s + round(days * 86400) - 1,
        issued_at_s=issued.timestamp(),
        names=sorted_names,
        registered_domains=jp_domains(sorted_names),
        log_ids=tuple(logs),
    )


def covering(start: datetime, end: datetime) -> Coverage:
    """One log without a shard's limits, verified from start to end."""
    return coverage_of([(start, end)])


def coverage_of(spans: Iterable[tuple[datetime, datetime]]) -> Coverage:
    """One log without a shard's limits, verified in these spans."""
    issued = tuple((start.timestamp(), end.timestamp()) for start, end in spans)
    return Coverage([LogCoverage("log-a", None, None, issued)], RULES)


ALWAYS = covering(datetime(2020, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC))


def analyse(certificates: Iterable[Issuance], coverage: Coverage = ALWAYS) -> list[LineageResult]:
    """The lineages of example.jp."""
    return analyse_domain("example.jp", certificates, coverage, RULES)[0]

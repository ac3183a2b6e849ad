"""One issuance as the analysis takes it, which of them cannot be used, and which are the same.

Times are seconds since 1970 UTC: of 10,000,000 certificates a number is read and compared far faster than a datetime.
"""

from collections.abc import Iterable
from typing import NamedTuple

from ctcollect.analysis.rules import Rules

HOUR_S = 3600
DAY_S = 86400


class Issuance(NamedTuple):
    """One certificate, however many logs and forms it was seen in.

    ``names`` are all its DNS names, normalised, sorted, each once. ``issued_at_s`` is the earliest of its
    precertificate's leaf timestamps and its embedded SCTs' timestamps, None when it has neither; the leaf timestamp of
    a final certificate is never used, for anybody may submit that late. ``registered_domains`` are those of its .jp
    names, sorted. ``log_ids`` are the logs it was seen in, ``sct_log_ids`` those that its embedded SCTs name (empty
    when no final certificate was seen). Hashes are lower-case hex.
    """

    id: int
    identity: str
    issuer_key_hash: str | None
    serial: str | None
    issuer_o: str | None
    issuer_cn: str | None
    not_before_s: int | None
    not_after_s: int | None
    issued_at_s: float | None
    names: tuple[str, ...]
    registered_domains: tuple[str, ...]
    spki_hash: str | None = None
    policy_oids: tuple[str, ...] = ()
    log_ids: tuple[str, ...] = ()
    sct_log_ids: tuple[str, ...] = ()


class Dated(NamedTuple):
    """A usable issuance: its dates are known and possible, ``issued_s`` is when it was issued.

    ``end_s`` is the first second at which it is no longer valid: notAfter is inclusive (RFC 5280, 4.1.2.5), so that
    ``validity_days`` = (notAfter - notBefore + 1 s) / 86,400 (Baseline Requirements 1.6.1). Where no time of issue is
    known ``issued_s`` is notBefore and ``is_time_known`` false: then only the day may be used.
    """

    issued_s: float
    end_s: int
    start_s: int
    is_time_known: bool
    issuance: Issuance

    @property
    def validity_days(self) -> float:
        return (self.end_s - self.start_s) / DAY_S


def unusable_reason(issuance: Issuance, rules: Rules) -> str | None:
    """Why a certificate enters no lineage, as a stable id; None when it does."""
    start, after, limits = issuance.not_before_s, issuance.not_after_s, rules.plausible
    if start is None or after is None:
        return "no_dates"
    if after < start:
        return "not_after_before_not_before"
    earliest, latest = limits.not_before_from.timestamp(), limits.not_after_until.timestamp()
    issued = issuance.issued_at_s
    # Written so that a time that is no number is out of range too.
    if not (earliest <= start and after < latest and (issued is None or earliest <= issued < latest)):
        return "date_out_of_range"
    if issued is not None and start - issued > limits.not_before_ahead_h * HOUR_S:
        return "not_before_in_the_future"
    return None if issuance.registered_domains else "no_registered_domain"


def dated(issuance: Issuance) -> Dated:
    """A certificate for which ``unusable_reason`` is None."""
    start, after, issued = issuance.not_before_s, issuance.not_after_s, issuance.issued_at_s
    assert start is not None
    assert after is not None
    return Dated(start if issued is None else issued, after + 1, start, issued is not None, issuance)


def in_order(issuances: Iterable[Issuance]) -> list[Dated]:
    """Usable certificates by time of issue, then by dates and identity, so that no input order shows."""
    return sorted(map(dated, issuances), key=lambda each: (*each[:3], each.issuance.identity))


def unique(issuances: Iterable[Issuance]) -> list[Issuance]:
    """Each issuance once, in an order that does not depend on the input's.

    The same are those that share issuer key and serial (only a precertificate and its certificate may), names and
    dates; without a key or serial the identity decides. What differs in names or dates under one serial is a fault of
    its CA, not the same certificate, and is kept. Logs are joined, the earliest time of issue wins.
    """
    found: dict[tuple[object, ...], Issuance] = {}
    for each in issuances:
        key = _sameness(each)
        known = found.get(key)
        found[key] = each if known is None else _merged(known, each)
    return sorted(found.values(), key=_order)


def _sameness(each: Issuance) -> tuple[object, ...]:
    if each.issuer_key_hash is None or each.serial is None:
        return (each.identity,)
    return each.issuer_key_hash, each.serial, each.names, each.not_before_s, each.not_after_s


def _order(each: Issuance) -> tuple[float, float, float, str]:
    unknown = float("-inf")
    start = unknown if each.not_before_s is None else each.not_before_s
    after = unknown if each.not_after_s is None else each.not_after_s
    return (start if each.issued_at_s is None else each.issued_at_s), start, after, each.identity


def _merged(one: Issuance, other: Issuance) -> Issuance:
    times = [each.issued_at_s for each in (one, other) if each.issued_at_s is not None]
    return min(one, other, key=lambda each: each.identity)._replace(
        id=min(one.id, other.id),
        issued_at_s=min(times, default=None),
        log_ids=tuple(sorted({*one.log_ids, *other.log_ids})),
        sct_log_ids=tuple(sorted({*one.sct_log_ids, *other.sct_log_ids})),
    )

"""A database with certificates whose renewals are known, as the recorder would have left it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from types import MappingProxyType
from typing import NamedTuple

from sqlalchemy import insert

from ctcollect.analysis.coverage import TimeSpan
from ctcollect.analysis.issuance import Issuance
from ctcollect.domains import organisation_type, registered_domain
from ctcollect.models import CertificateNameRow, CertificateRow, RangeRow, SightingRow, TimestampSampleRow, WindowRow
from ctcollect.ranges import RANGE_ENTRIES, Span, UnitBitmap
from ctcollect.store import Session, Store
from tests.analysis import scenarios
from tests.analysis.making import jp_domains, tokyo
from tests.export.rows import LOG_IDS, add_log

COLLECTED_AT = datetime(2030, 2, 1, 3, 4, 5)
ALWAYS = ((tokyo(2020, 1, 1).timestamp(), tokyo(2030, 1, 1).timestamp()),)
SEASONS = tuple((tokyo(year, 12, 1).timestamp(), tokyo(year + 1, 2, 1).timestamp()) for year in range(2021, 2026))


class Known(NamedTuple):
    """A scenario, and what lineages.csv must hold of its (first) name set; what is left out is 0."""

    made: Callable[[], list[Issuance]]
    automation_class: str
    counts: Mapping[str, int] = MappingProxyType({})
    name_sets: int = 1


def certbot() -> list[Issuance]:
    return scenarios.cron(tokyo(2023, 1, 10, 22), 12)


def until_the_end() -> list[Issuance]:
    return scenarios.cron(tokyo(2028, 1, 10, 22), 12)


def portal() -> list[Issuance]:
    """By the year at a CA that takes orders for certificates with an organisation's name in its portal only."""
    made = scenarios.by_hand(tokyo(2020, 6, 2), 397, [21, 9, 17, 33, 14], issuer="SECOM Trust Systems CO.,LTD.")
    return [each._replace(policy_oids=("2.23.140.1.2.2",)) for each in made]


KNOWN = {
    "certbot": Known(certbot, "automated"),
    "current": Known(until_the_end, "automated"),
    "person": Known(scenarios.late_person, "manual", {"late": 1}),
    "cdn": Known(scenarios.content_delivery_network, "automated"),
    "moved": Known(scenarios.moved_to_lets_encrypt, "automated", {"ca_switches": 1}),
    "added": Known(scenarios.added_name, "automated", name_sets=2),
    "revoked": Known(scenarios.revoked_by_the_ca, "automated", {"early_reissues": 1}),
    "servers": Known(scenarios.three_servers, "automated"),
    "broken": Known(scenarios.broken_cron, "automated", {"late": 1}),
    "lapsed": Known(scenarios.long_lapse, "automated", {"lapses": 1, "ca_switches": 1}),
    "shorter": Known(scenarios.shorter_by_rule, "manual"),
    "amazon": Known(scenarios.amazon, "automated"),
    "office": Known(scenarios.lets_encrypt_by_hand, "manual"),
    "missing": Known(scenarios.missing_record, "automated", {"suspect_missing": 1}),
    "portal": Known(portal, "manual"),
}


def in_domain(certificates: Iterable[Issuance], domain: str) -> list[Issuance]:
    """The certificates of example.jp, as if they were another's."""
    found = []
    for each in certificates:
        names = tuple(sorted(name.replace("example.jp", domain) for name in each.names))
        identity = sha256(f"{each.identity} {domain}".encode()).hexdigest()
        found.append(each._replace(names=names, identity=identity, registered_domains=jp_domains(names)))
    return found


def every_scenario(copies: int, suffix: str = "co.jp") -> list[Issuance]:
    """Each of KNOWN in so many domains: ``certbot0.co.jp``."""
    return [
        certificate
        for name, known in KNOWN.items()
        for copy in range(copies)
        for certificate in in_domain(known.made(), f"{name}{copy}.{suffix}")
    ]


def fill(store: Store, certificates: Sequence[Issuance], verified: Sequence[TimeSpan] = ALWAYS) -> None:
    """Those issued in a verified span: a precertificate in two logs each, and a final one three days late in one."""
    with store.transaction() as session:
        for log_id in LOG_IDS:
            size = (2 * len(verified) + 1) * RANGE_ENTRIES if len(verified) > 1 else RANGE_ENTRIES
            add_log(session, log_id, tree_size=size, state="usable")
        session.flush()
        for place, span in enumerate(verified):
            _add_range(session, place, span)
        if not verified:
            session.add_all(WindowRow(log_id=log_id, start_index=0, end_index=RANGE_ENTRIES) for log_id in LOG_IDS)
        _add_certificates(session, certificates, verified or ALWAYS)


def _add_range(session: Session, place: int, span: TimeSpan) -> None:
    """The range that holds the entries of these times; ranges do not touch."""
    start = 2 * place * RANGE_ENTRIES
    whole = Span(start, start + RANGE_ENTRIES)
    bitmap = UnitBitmap(whole)
    bitmap.add(whole)
    times = [round(moment * 1000) for moment in span for _ in range(200)]
    for log_id in LOG_IDS:
        session.add(WindowRow(log_id=log_id, start_index=start, end_index=whole.end))
        session.add(TimestampSampleRow(log_id=log_id, leaf_index=start, timestamps_ms=times))
        session.add(
            RangeRow(
                log_id=log_id, start_index=start, end_index=whole.end, state="verified", units_done=bitmap.to_bytes(),
                verified_at=COLLECTED_AT, verified_size=whole.end,
            )
        )  # fmt: skip


def _add_certificates(session: Session, certificates: Sequence[Issuance], spans: Sequence[TimeSpan]) -> None:
    rows: dict[type, list[dict[str, object]]] = {CertificateRow: [], CertificateNameRow: [], SightingRow: []}
    for number, each in enumerate(certificates, start=1):
        issued_s = each.issued_at_s if each.issued_at_s is not None else float(each.not_before_s or 0)
        place = next((at for at, span in enumerate(spans) if span[0] <= issued_s < span[1]), None)
        if place is not None:
            rows[CertificateRow].append(_certificate(number, each))
            rows[CertificateNameRow] += _names(number, each)
            rows[SightingRow] += _sightings(number, each, 2 * place * RANGE_ENTRIES + 2 * number, issued_s)
    for model, of_model in rows.items():
        if of_model:
            session.execute(insert(model), of_model)


def _certificate(number: int, each: Issuance) -> dict[str, object]:
    return {
        "id": number, "identity": each.identity, "serial": each.serial, "issuer_o": each.issuer_o,
        "issuer_cn": each.issuer_cn, "issuer_key_hash": each.issuer_key_hash, "tbs_hash": each.identity,
        "not_before": _utc(each.not_before_s), "not_after": _utc(each.not_after_s),
        "policy_oids": list(each.policy_oids) or ["2.23.140.1.2.1"],
        "sct_list": [[LOG_IDS[0], round((each.issued_at_s or 0) * 1000)]],
        "san_names": list(each.names)[::-1], "faults": [], "is_precert_seen": True, "is_final_seen": True,
        "first_log_id": LOG_IDS[0], "first_leaf_index": number, "first_seen_at": COLLECTED_AT,
    }  # fmt: skip


def _names(number: int, each: Issuance) -> list[dict[str, object]]:
    return [
        {
            "certificate_id": number, "name": name, "registered_domain": registered_domain(name),
            "organisation_type": organisation_type(name),
        }
        for name in each.names
    ]  # fmt: skip


def _sightings(number: int, each: Issuance, index: int, issued_s: float) -> list[dict[str, object]]:
    common = {
        "certificate_id": number, "friend": "alice", "worker": "alice@here", "leaf_file": "x",
        "collected_at": COLLECTED_AT,
    }  # fmt: skip
    places = ((0, index, "precert", 0), (1, index, "precert", 0), (1, index + 1, "x509", 3))
    return [
        {
            **common, "log_id": LOG_IDS[log], "log_name": f"log-{LOG_IDS[log][:2]}", "leaf_index": at,
            "entry_type": kind, "leaf_timestamp": _utc(issued_s) + timedelta(days=days),
        }
        for log, at, kind, days in places
    ]  # fmt: skip


def _utc(seconds: float | None) -> datetime:
    assert seconds is not None
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)

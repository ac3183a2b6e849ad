"""Rows that strain an export: hostile texts, dates at the ends of time, several days, NULL wherever it may be."""

from datetime import date, datetime, timedelta
from typing import Any

from ctcollect.models import (
    CertificateNameRow,
    CertificateRow,
    DailyCountRow,
    LogRow,
    RangeRow,
    SightingRow,
    TimestampSampleRow,
    TreeHeadRow,
    WindowRow,
)
from ctcollect.ranges import RANGE_ENTRIES, Span, UnitBitmap
from ctcollect.store import Session

DAY = datetime(2026, 10, 31, 23, 59, 59, 998_000)
LOG_IDS = ("0a" * 32, "0b" * 32)
HOSTILE = "a\0b\"c,d'e\r\n=f\\g\x7f\x85\xfe\xff\ufeff\uffff\U0010ffff\u202e;日本語😀 "
LARGEST_U64 = 2**64 - 1
CERTIFICATES = 7
MAY_BE_NULL = (
    "serial", "issuer_dn", "issuer_cn", "issuer_o", "issuer_key_hash", "authority_key_id", "subject_dn", "common_name",
    "organization", "not_before", "not_after", "key_type", "key_bits", "spki_hash", "signature_algorithm", "sct_list",
)  # fmt: skip


def add_log(session: Session, log_id: str, **values: Any) -> None:
    name = f"log-{log_id[:2]}"
    of_its_own = {"log_id": log_id, "name": name, "url": f"https://{name}.example/", "key": b"\x00\xffkey"}
    common = {"operator": "Demo", "queue": "google", "kind": "rfc6962", "batch_entries": 32, "subrange_entries": 1024}
    session.add(LogRow(**common, **of_its_own, **values))


def add_certificate(session: Session, number: int, **values: Any) -> None:
    """Certificate ``number`` with a name and a sighting; collected ``number`` times half a day after DAY."""
    seen_at = DAY + timedelta(days=number / 2)
    certificate = {
        "identity": f"{number:064x}", "serial": "-0f", "issuer_cn": "R3", "issuer_o": "CA", "tbs_hash": "cc" * 32,
        "not_before": datetime(2026, 1, 1), "not_after": datetime(2026, 4, 1), "policy_oids": ["2.23.140.1.2.1"],
        "sct_list": [[LOG_IDS[0], 1_767_225_600_123]], "san_names": [f"www.d{number}.jp", f"d{number}.jp"],
        "faults": [], "is_precert_seen": True, "is_final_seen": False, "first_log_id": LOG_IDS[0],
        "first_leaf_index": number, "first_seen_at": seen_at, "spki_hash": "dd" * 32, "issuer_key_hash": "ee" * 32,
    }  # fmt: skip
    session.add(CertificateRow(id=number, **certificate | values))
    session.flush()
    session.add(
        CertificateNameRow(
            certificate_id=number, name=f"d{number}.jp", registered_domain=None, organisation_type="general"
        )
    )
    add_sighting(session, number, collected_at=seen_at)


def add_sighting(session: Session, certificate_id: int, **values: Any) -> None:
    sighting = {
        "log_id": LOG_IDS[0], "log_name": "log-0a", "leaf_index": certificate_id * 32,
        "leaf_timestamp": datetime(2026, 1, 1, 0, 0, 1, 5_000), "entry_type": "precert", "friend": "alice",
        "worker": "alice@here", "leaf_file": "log-0a.example/000-031.jsonl.zst", "collected_at": DAY,
    }  # fmt: skip
    session.add(SightingRow(certificate_id=certificate_id, **sighting | values))


def add_range(session: Session, log_id: str, number: int, verified_at: datetime | None) -> None:
    span = Span(number * RANGE_ENTRIES, (number + 1) * RANGE_ENTRIES)
    bitmap = UnitBitmap(span)
    bitmap.add(span if verified_at else Span(span.start, span.start + 64))
    state = "verified" if verified_at else "open"
    session.add(
        RangeRow(
            log_id=log_id, start_index=span.start, end_index=span.end, state=state, units_done=bitmap.to_bytes(),
            verified_at=verified_at, verified_size=2**40 if verified_at else None,
        )
    )  # fmt: skip


def add_everything(session: Session) -> None:
    add_log(session, LOG_IDS[0], description=HOSTILE, reachable=False, state_since=DAY, head_timestamp=DAY)
    add_log(
        session, LOG_IDS[1], description="b", interval_start=datetime(2026, 1, 1), interval_end=datetime(2027, 1, 1)
    )
    session.flush()
    for number in range(1, CERTIFICATES - 1):
        add_certificate(session, number)
    add_certificate(session, CERTIFICATES - 1, **dict.fromkeys(MAY_BE_NULL), policy_oids=[], san_names=[])
    texts = dict.fromkeys(("issuer_dn", "issuer_cn", "subject_dn", "common_name", "organization"), HOSTILE)
    ends = {"not_before": datetime(1000, 1, 1), "not_after": datetime(9999, 12, 31, 23, 59, 59)}
    lists = {"san_names": [HOSTILE, "", "x"], "sct_list": [["ff" * 32, LARGEST_U64], ["", 0]], "faults": [HOSTILE]}
    add_certificate(session, CERTIFICATES, **texts, **ends, **lists, serial="f" * 512, key_bits=2**31 - 1)
    add_sighting(session, 1, log_id=LOG_IDS[1], log_name="log-0b", leaf_index=2**60, leaf_timestamp=None)
    for log_id in LOG_IDS:
        add_range(session, log_id, 0, DAY)
        add_range(session, log_id, 1, None)
        session.add(WindowRow(log_id=log_id, start_index=0, end_index=2 * RANGE_ENTRIES))
        session.add(
            TimestampSampleRow(log_id=log_id, leaf_index=32, timestamps_ms=[1_767_225_600_000, LARGEST_U64 >> 1])
        )
        for size in (10, 20):
            head = {"root_hash": "ab" * 32, "timestamp_ms": 5, "signature": b"\x04\x03", "seen_at": DAY}
            session.add(TreeHeadRow(log_id=log_id, tree_size=size, **head))
        for day in (date(2026, 10, 31), date(2026, 11, 1)):
            session.add(DailyCountRow(day=day, log_name=f"log-{log_id[:2]}", entries=3, uploaded=2, registered=1))

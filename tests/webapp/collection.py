"""Rows of a small collection, as the coordinator would have left them."""

from datetime import date, datetime
from typing import Any

from ctcollect.models import (
    CertificateNameRow,
    CertificateRow,
    ContributionRow,
    DailyCountRow,
    LogRow,
    PaceCountRow,
    SightingRow,
    WindowRow,
    WorkerRow,
)
from ctcollect.store import Store

SEEN_AT = datetime(2024, 1, 31, 15, 0, 1, 250_000)  # a minute after midnight of the next day in Tokyo
# Buckets that have not begun count as one second, so that speeds do not depend on when a test runs.
FAR_AHEAD = 2**40


def log_id(name: str) -> str:
    """A log_id that goes with the name."""
    return name.encode().hex().ljust(64, "0")[:64]


def add_log(store: Store, name: str, wanted: int = 0, **columns: Any) -> None:
    """A log, reachable unless ``columns`` say more, of which the first ``wanted`` entries are wanted."""
    row: dict[str, Any] = {
        "log_id": log_id(name),
        "name": name,
        "operator": "Local",
        "queue": "google",
        "kind": "rfc6962",
    }
    row |= {"url": "https://ct.example/", "key": b"key", "batch_entries": 32, "subrange_entries": 1024}
    with store.transaction() as session:
        session.add(LogRow(**row | {"reachable": True} | columns))
        session.flush()
        if wanted:
            session.add(WindowRow(log_id=log_id(name), start_index=0, end_index=wanted))


def add_worker(store: Store, name: str, log: str, entries: int, running: bool = True) -> None:
    """A friend's worker that has brought ``entries`` entries of ``log``, a tenth of them .jp, all in one second."""
    row = {"name": name, "friend": name.partition("@")[0], "host": "host", "running": running}
    brought = {"worker": name, "log_id": log_id(log), "day": date(2024, 2, 1), "requests": 1, "bytes": 1}
    with store.transaction() as session:
        counted = {"entries": entries, "certificates": entries // 10}
        session.add(WorkerRow(**row, **counted, first_seen=SEEN_AT, last_seen=SEEN_AT))
        session.add(ContributionRow(**brought, entries=entries, certificates=entries // 10))
        session.add(PaceCountRow(bucket_start=FAR_AHEAD, log_id=log_id(log), worker=name, entries=entries))


def add_day(store: Store, day: date, log: str, entries: int, uploaded: int, registered: int) -> None:
    """One row of daily_counts."""
    counts = {"entries": entries, "uploaded": uploaded, "registered": registered}
    with store.transaction() as session:
        session.add(DailyCountRow(day=day, log_name=log, **counts))


def add_certificate(store: Store, number: int, name: str, log: str) -> None:
    """A certificate for ``name``, seen once: in ``log`` at index ``number``."""
    digest = f"{number:064x}"
    row: dict[str, Any] = {
        "identity": digest,
        "serial": f"{number:x}",
        "tbs_hash": digest,
        "issuer_dn": "CN=CA",
        "subject_dn": "",
    }
    row |= {"policy_oids": [], "sct_list": None, "san_names": [name], "faults": []}
    row |= {"is_precert_seen": True, "is_final_seen": False, "first_log_id": log_id(log), "first_leaf_index": number}
    sighting: dict[str, Any] = {"log_id": log_id(log), "log_name": log, "leaf_index": number, "entry_type": "precert"}
    sighting |= {"friend": "alice", "worker": "alice@host", "leaf_file": "file", "leaf_timestamp": SEEN_AT}
    with store.transaction() as session:
        certificate = CertificateRow(**row, not_before=datetime(2024, 1, number), first_seen_at=SEEN_AT)
        session.add(certificate)
        session.flush()
        domain = ".".join(name.split(".")[-2:])
        names: dict[str, Any] = {"name": name, "registered_domain": domain, "organisation_type": "general"}
        names |= {"not_before": certificate.not_before, "not_after": certificate.not_after}
        session.add(CertificateNameRow(certificate_id=certificate.id, **names))
        session.add(SightingRow(**sighting, certificate_id=certificate.id, collected_at=SEEN_AT))


def add_small_collection(store: Store) -> None:
    """Three logs (half done, verified, not planned) and two workers, of whom one is gone."""
    half = {"entries_done": 1_500_000, "entries_verified": 1_048_576, "certificates": 12_345, "sightings": 23_456}
    add_log(store, "argon2024", wanted=3_000_000, malformed=7, **half)
    add_log(store, "xenon2023", wanted=1_000_000, entries_done=1_000_000, entries_verified=1_000_000)
    add_log(store, "idle2022", queue="digicert")
    add_worker(store, "alice@tokyo", "argon2024", entries=5_000)
    add_worker(store, "bob@osaka", "xenon2023", entries=1_234, running=False)
    add_day(store, date(2024, 2, 1), "argon2024", entries=1_500_000, uploaded=23_456, registered=11_111)

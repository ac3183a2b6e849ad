"""An analysis reads the same from the database and from an export of either format, and from nothing."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import update

from ctcollect.analysis.issuance import Issuance
from ctcollect.analysis_data import CollectedLog, Dataset, Lineage, dataset, open_database, open_export
from ctcollect.errors import ConfigurationError
from ctcollect.export import export
from ctcollect.models import CertificateRow, RangeRow
from ctcollect.ranges import RANGE_ENTRIES, Span
from ctcollect.store import Store
from tests.coordinator.pipeline import migrate
from tests.export.rows import CERTIFICATES, HOSTILE, LOG_IDS, add_certificate, add_sighting

Read = tuple[list[Lineage], list[CollectedLog]]


def everything(data: Dataset) -> Read:
    return list(data.lineages()), data.log_coverage()


def read_export(directory: Path) -> Read:
    with open_export(directory, directory.parent) as data:
        return everything(data)


def seconds(*when: int) -> float:
    return datetime(*when, tzinfo=UTC).timestamp()  # type: ignore[arg-type,misc]


def test_the_database_and_its_exports_read_the_same(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows and their order, hostile names and ends of time included, however few certificates are taken at once."""
    with store.transaction() as session:
        session.get_one(CertificateRow, 3).issuer_o = ""  # which is not NULL, as that of another one is
    with open_database(store, tmp_path) as data:
        first = everything(data)
        assert everything(data) == first
        halves = [list(data.lineages(part, 2)) for part in range(2)]
    assert sorted(halves[0] + halves[1]) == first[0]
    assert all(halves)
    monkeypatch.setattr(dataset, "IDS_AT_ONCE", 2)
    monkeypatch.setattr(dataset, "ROWS_AT_ONCE", 1)
    for file_format in ("parquet", "csv"):
        export(store, tmp_path / file_format, file_format)
        assert read_export(tmp_path / file_format) == first
    assert sum(len(lineage.issuances) for lineage in first[0]) == CERTIFICATES
    assert [lineage.names for lineage in first[0]] == sorted(lineage.names for lineage in first[0])
    assert ("", HOSTILE, "x") in [lineage.names for lineage in first[0]]
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith("ctcollect-")) == []


def test_an_issuance(sqlite_store: Store, tmp_path: Path) -> None:
    """Issued at the earliest of precertificate leaves and plausible SCTs, never at a final certificate's leaf."""
    early, late = datetime(2026, 1, 1, 0, 0, 0, 123_000), datetime(2026, 1, 1, 0, 0, 9)
    cases = {
        "sct": ([[LOG_IDS[0], 1_767_225_600_123]], "precert", late, "2026-01-01T00:00:00.123"),
        "precert": ([[LOG_IDS[0], 1_767_225_700_000]], "precert", early, "2026-01-01T00:00:00.123"),
        "final": ([], "x509", early, None),
        "false": ([[LOG_IDS[0], 0], [LOG_IDS[1], 2**63]], "precert", None, None),
    }
    with sqlite_store.transaction() as session:
        for number, (name, (scts, kind, at, _)) in enumerate(cases.items(), start=100):
            add_certificate(session, number, san_names=[f"b.{name}.jp", f"a.{name}.jp", f"b.{name}.jp"], sct_list=scts)
            session.flush()
            rows = {"log_id": LOG_IDS[1], "leaf_index": number * 32, "entry_type": kind, "leaf_timestamp": at}
            add_sighting(session, number, **rows)
        session.connection().exec_driver_sql(
            f"DELETE FROM sightings WHERE certificate_id >= 100 AND log_id = '{LOG_IDS[0]}'"
        )
    with open_database(sqlite_store, tmp_path) as data:
        found = {lineage.names: lineage.issuances for lineage in data.lineages()}
    for name, (*_, expected) in cases.items():
        (issuance,) = found[f"a.{name}.jp", f"b.{name}.jp"]
        issued_at = datetime.fromisoformat(f"{expected}Z").timestamp() if expected else None
        assert issuance.issued_at_s == issued_at, name
    (one,) = found["a.sct.jp", "b.sct.jp"]
    assert one == Issuance(
        id=100, identity=f"{100:064x}", issuer_key_hash="ee" * 32, serial="-0f", issuer_o="CA", issuer_cn="R3",
        not_before_s=int(seconds(2026, 1, 1)), not_after_s=int(seconds(2026, 4, 1)), issued_at_s=1_767_225_600.123,
        names=("a.sct.jp", "b.sct.jp"), registered_domains=(), spki_hash="dd" * 32, policy_oids=("2.23.140.1.2.1",),
        log_ids=(LOG_IDS[1],), sct_log_ids=(LOG_IDS[0],),
    )  # fmt: skip
    assert [each.id for each in found[f"d{CERTIFICATES - 1}.jp",]] == [CERTIFICATES - 1]  # it has no SAN


def test_what_is_complete(sqlite_store: Store, tmp_path: Path) -> None:
    """Verified ranges with their times; what was verified after the export had begun is not said to be complete."""
    with open_database(sqlite_store, tmp_path) as data:
        first, second = data.log_coverage()
        later = data.manifest.finished_at
    assert (first.log_id, first.verified, first.wanted) == (
        LOG_IDS[0],
        (Span(0, RANGE_ENTRIES),),
        (Span(0, 2 * RANGE_ENTRIES),),
    )
    ((start, end),) = first.issued
    assert start == seconds(2026, 1, 1)  # a sample's; the log begins here
    assert end < seconds(2026, 1, 2)  # a timestamp beyond the end of time is none
    assert (second.not_after_start_s, second.not_after_end_s) == (seconds(2026, 1, 1), seconds(2027, 1, 1))
    with sqlite_store.transaction() as session:
        session.execute(update(RangeRow).where(RangeRow.log_id == LOG_IDS[1]).values(state="verified"))

    def verify(_progress: object) -> None:
        with sqlite_store.transaction() as session:
            session.execute(update(RangeRow).where(RangeRow.log_id == LOG_IDS[0]).values(verified_at=later))

    with open_database(sqlite_store, tmp_path, report=verify) as data:
        assert [log.verified for log in data.log_coverage()] == [(), (Span(0, RANGE_ENTRIES),)]


def test_nothing_collected(sqlite_url: str, tmp_path: Path) -> None:
    """An empty database has no lineages and no coverage."""
    store = Store(sqlite_url)
    migrate(store)
    with open_database(store, tmp_path) as data:
        assert everything(data) == ([], [])
    for file_format in ("parquet", "csv"):
        export(store, tmp_path / file_format, file_format)
        assert read_export(tmp_path / file_format) == ([], [])
    store.close()


def test_an_export_that_is_damaged(sqlite_store: Store, tmp_path: Path) -> None:
    """A folder that is none, a file that is missing, one that is cut off: each is told in a line."""
    with pytest.raises(ConfigurationError, match=r"no export"), open_export(tmp_path):
        pass
    manifest = export(sqlite_store, tmp_path / "out")
    path = tmp_path / "out" / manifest.paths_of("sightings")[0]
    path.write_bytes(path.read_bytes()[:-10])
    for _ in range(2):
        with pytest.raises(ConfigurationError, match=r"^the export .*/out can't be read: [^\n]*$"):
            read_export(tmp_path / "out")
        path.unlink(missing_ok=True)

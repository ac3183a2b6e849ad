"""What stands in the database stands in an export, to the last octet, and the export says so itself."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy import delete

from ctcollect.export import TABLES, Progress, columns, disagreements, export, parts, read_manifest
from ctcollect.export.tables import CERTIFICATES, SIGHTINGS
from ctcollect.models import Base, CertificateNameRow, CertificateRow
from ctcollect.store import Store, export_pages
from tests.coordinator.pipeline import migrate
from tests.export.reading import exported, stored
from tests.export.rows import CERTIFICATES as COUNT
from tests.export.rows import DAY, add_certificate

# Columns of these tables that say how the fleet works, not what it found.
NOT_EXPORTED = {
    "logs": {
        "open_ranges",
        "requests",
        "throttled",
        "archive",
        "reachable_since",
        "probed_at",
        "batch_entries",
        "subrange_entries",
        "rest_until",
    }
    | {"rest_seconds", "last_fault"},
    "certificate_names": {"name_reversed", "not_before", "not_after", "issuer_o_key", "issuer_cn_key"},
    "ranges": {
        "brought_by",
        "brought_at",
        "first_leaf_hash",
        "issued_until",
        "attempts",
        "audit_after",
        "audit_attempts",
        "audit_path",
        "avoid",
    },
}


@pytest.mark.parametrize("file_format", ["parquet", "csv"])
def test_an_export_equals_the_tables(
    store: Store, tmp_path: Path, file_format: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every row and value, through pages that end anywhere: hostile texts, ends of time, NULLs, numbers of 64 bits."""
    monkeypatch.setattr(export_pages, "ROWS_A_PAGE", 3)
    monkeypatch.setattr(export_pages, "ROWS_A_CHUNK", 2)
    manifest = export(store, tmp_path / "out", file_format)
    for table in TABLES:
        rows = stored(store, table)
        assert exported(tmp_path / "out", manifest, table) == rows, table.name
        assert manifest.tables[table.name] == len(rows) > 1
        assert sum(each.rows or 0 for each in manifest.files if each.table == table.name) == len(rows)
    assert read_manifest(tmp_path / "out") == manifest
    assert manifest.verified_until == DAY
    assert list(disagreements(tmp_path / "out", manifest)) == []


def test_every_column_is_exported_or_named() -> None:
    """A column that is added to a table goes into the export, in the table's order, or into the list above."""
    for table in TABLES:
        left_out = NOT_EXPORTED.get(table.name, set())
        assert list(table.column_names) == [
            column.name for column in Base.metadata.tables[table.name].columns if column.name not in left_out
        ]


def test_the_schema_fits_the_files(sqlite_store: Store, tmp_path: Path) -> None:
    """All files of a table have the names, the order and BigQuery's types of its schema.json; times are micros UTC."""
    manifest = export(sqlite_store, tmp_path / "out")
    for table in TABLES:
        fields = json.loads((tmp_path / "out" / table.name / "schema.json").read_text())
        schemas = {pq.read_schema(tmp_path / "out" / path) for path in manifest.paths_of(table.name)}
        assert len(schemas) == 1
        (schema,) = schemas
        assert [(field["name"], bigquery_type(schema.field(field["name"]).type)) for field in fields] == [
            (field["name"], (field["type"], field["mode"])) for field in fields
        ]
        assert schema.names == [field["name"] for field in fields]
        assert schema.metadata is None


def bigquery_type(kind: pa.DataType) -> tuple[str, str]:
    """(type, mode) that BigQuery makes of a Parquet column with list inference."""
    if pa.types.is_list(kind):
        return bigquery_type(kind.value_type)[0], "REPEATED"
    names = {pa.string(): "STRING", pa.int64(): "INTEGER", pa.bool_(): "BOOLEAN", pa.date32(): "DATE"}
    names[pa.timestamp("us", "UTC")] = "TIMESTAMP"
    return ("RECORD" if pa.types.is_struct(kind) else names[kind]), "NULLABLE"


def test_a_day_is_a_folder(sqlite_store: Store, tmp_path: Path) -> None:
    """Files of sightings and certificates lie by the UTC day of collecting; a day is never in another's folder."""
    manifest = export(sqlite_store, tmp_path / "out")
    for table in (SIGHTINGS, CERTIFICATES):
        for path in manifest.paths_of(table.name):
            rows = pq.read_table(pa.OSFile(str(tmp_path / "out" / path))).to_pylist()
            assert {f"dt={row[table.day_column]:%Y-%m-%d}" for row in rows} == {Path(path).parent.name}
    folders = {Path(path).parent.name for path in manifest.paths_of("certificates")}
    assert len(folders) == 1 + COUNT // 2


def test_row_groups_and_files_have_a_size(sqlite_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row group is closed when it is large, a file too; what is large only in sum is not cut."""
    monkeypatch.setattr(export_pages, "ROWS_A_CHUNK", 1)
    monkeypatch.setattr(parts, "ROW_GROUP_BYTES", 100)
    monkeypatch.setattr(parts, "FILE_BYTES", 200)
    manifest = export(sqlite_store, tmp_path / "out")
    files = [pq.read_metadata(tmp_path / "out" / path) for path in manifest.paths_of("certificate_names")]
    assert len(files) > 1
    assert max(file.num_row_groups for file in files) > 1
    assert sum(file.num_rows for file in files) == COUNT


def test_an_empty_database(database_url: str, tmp_path: Path) -> None:
    """Every table has one file, with its columns and no rows, where the reader looks for it."""
    store = Store(database_url)
    migrate(store)
    manifest = export(store, tmp_path / "out")
    store.close()
    assert set(manifest.tables.values()) == {0}
    for table in TABLES:
        (path,) = manifest.paths_of(table.name)
        assert pq.read_schema(tmp_path / "out" / path).names == list(table.column_names)
        assert ("dt=" in path) is bool(table.day_column)


def test_what_is_written_meanwhile(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever others add and delete: a sighting's certificate and a certificate's names are in the export.

    What is added behind a table's newest row is left for the next export.
    """
    monkeypatch.setattr(export_pages, "ROWS_A_PAGE", 3)
    seen: set[str] = set()

    def disturb(progress: Progress) -> None:
        name = progress.table
        if name in seen:
            return
        seen.add(name)
        with store.transaction() as session:
            add_certificate(session, 100 + len(seen), identity=f"{name:>64}")

    manifest = export(store, tmp_path / "out", report=disturb)
    sightings, certificates, names = (exported(tmp_path / "out", manifest, table) for table in TABLES[:3])
    assert {row["certificate_id"] for row in sightings} == set(range(1, COUNT + 1))
    assert {row["id"] for row in certificates} == {*range(1, COUNT + 1), 101}
    assert {row["id"] for row in certificates} <= {row["certificate_id"] for row in names}
    assert len(seen) == len(TABLES)


def test_a_row_that_is_too_large(sqlite_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """BigQuery takes rows up to a size: a larger one loses its long texts and says so, its neighbours lose nothing."""
    monkeypatch.setattr(columns, "MAX_ROW_BYTES", 3_000)
    monkeypatch.setattr(columns, "LONGEST_OF_A_LARGE_ROW", 1_000)
    with sqlite_store.transaction() as session:
        session.get_one(CertificateRow, 2).issuer_dn = "x" * 2_500
    manifest = export(sqlite_store, tmp_path / "out")
    rows = exported(tmp_path / "out", manifest, CERTIFICATES)
    unchanged = stored(sqlite_store, CERTIFICATES)
    assert rows[1].pop("issuer_dn") is None
    assert rows[1].pop("faults") == ["issuer_dn: 2500 characters, more than are exported of a large row"]
    assert rows[1].items() <= unchanged[1].items()
    assert [row for row in rows if row["id"] != 2] == [row for row in unchanged if row["id"] != 2]


def test_an_empty_text_is_not_null(store: Store, tmp_path: Path) -> None:
    """A certificate whose issuer is empty had one; it is not one whose issuer nobody could read."""
    with store.transaction() as session:
        add_certificate(session, 50, issuer_cn="", issuer_dn="", organization="", common_name=None)
    manifest = export(store, tmp_path / "out")
    assert exported(tmp_path / "out", manifest, CERTIFICATES) == stored(store, CERTIFICATES)


def test_large_rows_come_few_at_a_time(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand certificates of ten thousand names each would not fit into memory: what is read at once has a size."""
    monkeypatch.setattr(export_pages, "ROWS_AT_ONCE", 1)
    rows = {}
    for octets in (1, 40, 10**6):
        monkeypatch.setattr(export_pages, "OCTETS_A_CHUNK", octets)
        chunks = export_pages.table_chunks(sqlite_store, "certificates", ("id", "san_names"))
        rows[octets] = [len(ids) for ids, _ in chunks]
    assert rows == {1: [1] * COUNT, 40: [2, 2, 3], 10**6: [COUNT]}


def test_the_manifest_tells_what_has_changed(sqlite_store: Store, tmp_path: Path) -> None:
    """A file that is gone, longer, of another content, or new: each has its line."""
    with sqlite_store.transaction() as session:
        session.execute(delete(CertificateNameRow))
    out = tmp_path / "out"
    manifest = export(sqlite_store, out)
    (out / "README.md").unlink()
    (out / "new.txt").write_text("new")
    with (out / "load.sh").open("a") as file:
        file.write("#")
    schema = out / "logs" / "schema.json"
    schema.write_text(schema.read_text().replace("STRING", "STRONG"))
    told = sorted(disagreements(out, manifest))
    expected = ["README.md can't be read", "load.sh has ", "logs/schema.json has another", "new.txt is not in"]
    assert [line[: len(start)] for line, start in zip(told, expected, strict=True)] == expected

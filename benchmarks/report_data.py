"""An export (Parquet) full of simulated certificates for bench_report.py, written by DuckDB without a database.

Some thousand simulated domains, as often as needed under other names, each certificate moved by up to two hours so that
no two domains are alike; every second certificate has a final form in another log.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import duckdb
import pyarrow as pa

from benchmarks.simulated_domains import END_S, START_S, simulated_domains
from ctcollect import __version__
from ctcollect.export.manifest import NAME, FileEntry, Manifest
from ctcollect.export.tables import TABLES, ExportTable, Kind
from ctcollect.ranges import RANGE_ENTRIES

BASE_DOMAINS, SEED = 4_000, 7
LOGS = ("0a" * 32, "0b" * 32)
COLLECTED_AT = datetime(2026, 11, 1)
TYPES = {
    Kind.STRING: "VARCHAR",
    Kind.INTEGER: "BIGINT",
    Kind.BOOLEAN: "BOOLEAN",
    Kind.TIMESTAMP: "TIMESTAMPTZ",
    Kind.DATE: "DATE",
    Kind.STRINGS: "VARCHAR[]",
    Kind.INTEGERS: "BIGINT[]",
    Kind.SCTS: "STRUCT(log_id VARCHAR, timestamp_ms BIGINT)[]",
}

MADE = """
CREATE TABLE made AS
SELECT copy * {base} + number AS id, 'r' || copy || domain AS domain, issuer, policy, days_s, suffix,
       at_s + hash(copy * {base} + number) % 7200 AS at_s, start_s + hash(copy * {base} + number) % 7200 AS start_s,
       sha256((copy * {base} + number)::VARCHAR) AS sha
FROM base CROSS JOIN (SELECT range AS copy FROM range({copies}))
ORDER BY id LIMIT {certificates}
"""
SELECTS = {
    "certificates": """
SELECT id, sha AS identity, sha[:36] AS serial, issuer AS issuer_o, issuer AS issuer_cn,
       sha256(issuer) AS issuer_key_hash, to_timestamp(start_s) AS not_before,
       to_timestamp(start_s + days_s - 1) AS not_after, sha AS spki_hash, sha AS tbs_hash,
       [policy] AS policy_oids, [domain, 'www.' || domain] AS san_names, [] AS faults,
       CASE WHEN id % 2 = 0 THEN [{{'log_id': '{0}', 'timestamp_ms': at_s * 1000}},
                                  {{'log_id': '{1}', 'timestamp_ms': at_s * 1000 + 7}}] END AS sct_list,
       to_timestamp({2}) AS first_seen_at FROM made""",
    "certificate_names": """
SELECT id AS certificate_id, unnest([domain, 'www.' || domain]) AS name, domain AS registered_domain,
       suffix AS organisation_type FROM made""",
    "sightings": """
SELECT id, '{0}' AS log_id, id AS leaf_index, to_timestamp(at_s) AS leaf_timestamp, 'precert' AS entry_type,
       id AS certificate_id, to_timestamp({2}) AS collected_at FROM made
UNION ALL SELECT id, '{1}', id, to_timestamp(at_s), 'x509', id, to_timestamp({2}) FROM made WHERE id % 2 = 0""",
    "logs": """
SELECT unnest(['{0}', '{1}']) AS log_id, unnest(['bench-a', 'bench-b']) AS name, 'Bench' AS operator,
       {3} AS tree_size, 'usable' AS state""",
    "windows": "SELECT unnest(['{0}', '{1}']) AS log_id, 0 AS start_index, {3} AS end_index",
    "ranges": """
SELECT unnest(['{0}', '{1}']) AS log_id, 0 AS start_index, {3} AS end_index, 'verified' AS state,
       to_timestamp({2}) AS verified_at""",
    "timestamp_samples": """
SELECT unnest(['{0}', '{1}']) AS log_id, 0 AS leaf_index, [{4} * 1000::BIGINT, {5} * 1000::BIGINT] AS timestamps_ms""",
}


def write_export(folder: Path, certificates: int) -> None:
    """So many certificates of some 1 / 25 as many registered domains, and a manifest."""
    folder.mkdir(parents=True)
    base = _base(certificates)
    with duckdb.connect(folder.parent / "made.duckdb", config={"memory_limit": "2GB"}) as connection:
        connection.execute("SET TimeZone = 'UTC'; SET enable_progress_bar = false")
        connection.register("base", base)
        copies = certificates // base.num_rows + 1
        connection.execute(MADE.format(base=base.num_rows, copies=copies, certificates=certificates))
        values = (*LOGS, COLLECTED_AT.replace(tzinfo=UTC).timestamp(), RANGE_ENTRIES, int(START_S), int(END_S))
        files = [_copy(connection, folder, table, values) for table in TABLES]
    counts = {each.table or "": each.rows or 0 for each in files}
    manifest = Manifest(__version__, "parquet", COLLECTED_AT, COLLECTED_AT, COLLECTED_AT, counts, tuple(files))
    (folder / NAME).write_text(manifest.to_json())


def _base(certificates: int) -> pa.Table:
    """One row a certificate of the simulated domains, no more than are wanted."""
    names = ["number", "domain", "suffix", "issuer", "policy", "at_s", "start_s", "days_s"]
    rows = islice(_rows(), certificates)
    return pa.table(dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)))


def _rows() -> Iterator[tuple[object, ...]]:
    number = 0
    for domain in simulated_domains(BASE_DOMAINS, SEED):
        for each in domain.issued:
            one = each.issuance
            start_s, after_s = one.not_before_s or 0, one.not_after_s or 0
            suffix = domain.domain.split(".")[-2]
            at_s, (policy,) = int(one.issued_at_s or 0), one.policy_oids
            yield number, domain.domain, suffix, one.issuer_o, policy, at_s, start_s, after_s + 1 - start_s
            number += 1


def _copy(
    connection: duckdb.DuckDBPyConnection, folder: Path, table: ExportTable, values: tuple[object, ...]
) -> FileEntry:
    """The table with all its columns, NULL where nothing is made."""
    path = folder / table.name / "part-00000.parquet"
    path.parent.mkdir()
    columns = ", ".join(f"NULL::{TYPES[each.kind]} AS {each.name}" for each in table.columns)
    select = f"SELECT {columns} WHERE false"
    if table.name in SELECTS:
        select += f" UNION ALL BY NAME SELECT * FROM ({SELECTS[table.name].format(*values)})"
    connection.execute(f"COPY ({select}) TO '{path}' (FORMAT parquet, COMPRESSION zstd)")
    found = connection.execute(f"SELECT count(*) FROM read_parquet('{path}')").fetchone()
    assert found is not None
    return FileEntry(path.relative_to(folder).as_posix(), path.stat().st_size, "", table.name, found[0])

"""All certificates cut into pieces by registered domain, so that several processes can each take one at a time.

A piece is a Parquet file below the folder. A certificate stands in it once for each registered domain of its names;
those with many names keep them in a file of their own, or ten thousand names would be written ten thousand times.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from ctcollect.analysis.coverage import TimeSpan
from ctcollect.analysis.issuance import Issuance
from ctcollect.analysis_data.dataset import Dataset

ROWS_A_PIECE = 100_000
ROWS_AT_ONCE = 5_000
MANY_NAMES = 100
# A domain with more certificates is read one lineage at a time.
LARGE_DOMAIN = 50_000
PIECE_MEMORY = "400MB"

COLUMNS = """id, identity, issuer_key_hash, serial, issuer_o, issuer_cn, not_before_s, not_after_s, issued_at_s,
    {names} AS names, {domains} AS registered_domains, NULL AS spki_hash, policy_oids, log_ids, sct_log_ids"""
OWN_NAMES = COLUMNS.format(names="names", domains="registered_domains")
NO_NAMES = COLUMNS.format(names="NULL", domains="NULL")
JOINED_NAMES = COLUMNS.format(
    names="coalesce(piece.names, wide.names)", domains="coalesce(piece.registered_domains, wide.registered_domains)"
)
NAMES_AT, DOMAINS_AT = Issuance._fields.index("names"), Issuance._fields.index("registered_domains")
LISTS_AT = tuple(map(Issuance._fields.index, ("names", "registered_domains", "policy_oids", "log_ids", "sct_log_ids")))

CUT = """
COPY (
    SELECT hash(domain) % $pieces AS piece, domain, coalesce(sightings, 0) AS sightings, * EXCLUDE (domain, sightings)
    FROM (
        SELECT unnest(registered_domains) AS domain, {own} FROM issuances WHERE len(names) <= {many} AND {wanted}
        UNION ALL
        SELECT unnest(registered_domains), {no} FROM issuances WHERE len(names) > {many} AND {wanted}
    )
    LEFT JOIN (SELECT certificate_id AS id, count(*) AS sightings FROM sightings GROUP BY certificate_id) USING (id)
) TO '{folder}' (FORMAT parquet, PARTITION_BY (piece), COMPRESSION snappy)
"""
WIDE = """
COPY (SELECT id, names, registered_domains FROM issuances WHERE len(names) > {many} AND {wanted})
TO '{path}' (FORMAT parquet)
"""
TIME = "coalesce(issued_at_s, not_before_s)"


class Row(NamedTuple):
    """A certificate in one of its registered domains; ``sightings``: how many entries of logs hold it."""

    domain: str
    sightings: int
    issuance: Issuance


@dataclass(frozen=True, slots=True)
class Pieces:
    """``files`` by piece, in an order of their own; ``wide_names`` holds what the pieces leave out.

    ``without_domain``: certificates of which no name has a registered domain under .jp; they are in no piece.
    """

    files: tuple[tuple[Path, ...], ...]
    wide_names: Path
    certificates: int
    without_domain: int


def cut(dataset: Dataset, folder: Path, issued: tuple[TimeSpan, ...] | None = None) -> Pieces:
    """Write the pieces; only of certificates issued in one of the spans [start, end), where such are given.

    The number of pieces depends on the data alone.
    """
    dataset.prepare()
    connection = dataset.connection
    wanted = _wanted(issued)
    count = f"SELECT count(*), coalesce(sum(len(registered_domains)), 0) FROM issuances WHERE {wanted}"
    certificates, rows = _one(connection, count)
    (without,) = _one(connection, f"SELECT count(*) FROM issuances WHERE {wanted} AND len(registered_domains) = 0")
    values = {"own": OWN_NAMES, "no": NO_NAMES, "many": MANY_NAMES, "wanted": wanted}
    connection.execute(CUT.format(**values, folder=_quoted(folder / "pieces")), {"pieces": rows // ROWS_A_PIECE + 1})
    wide = folder / "wide.parquet"
    connection.execute(WIDE.format(many=MANY_NAMES, wanted=wanted, path=_quoted(wide)))
    folders = sorted((folder / "pieces").glob("piece=*"), key=lambda path: int(path.name.partition("=")[2]))
    files = tuple(tuple(sorted(each.glob("*.parquet"))) for each in folders)
    return Pieces(files, wide, certificates, without)


def _wanted(issued: tuple[TimeSpan, ...] | None) -> str:
    if issued is None:
        return "true"
    return "(" + " OR ".join(["false", *(f"{TIME} >= {start!r} AND {TIME} < {end!r}" for start, end in issued)]) + ")"


def _one(connection: duckdb.DuckDBPyConnection, statement: str) -> tuple[int, ...]:
    row = connection.execute(statement).fetchone()
    assert row is not None
    return row


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


class PieceReader:
    """The certificates of one piece, by registered domain."""

    def __init__(self, files: tuple[Path, ...], wide_names: Path, temp_folder: Path) -> None:
        self._connection = duckdb.connect(
            config={"memory_limit": PIECE_MEMORY, "threads": 1, "temp_directory": str(temp_folder)}
        )
        self._connection.execute("SET enable_progress_bar = false")
        paths = ", ".join(f"'{_quoted(path)}'" for path in files)
        self._connection.execute(
            f"CREATE VIEW piece AS SELECT * FROM read_parquet([{paths}], hive_partitioning = false);"
            f"CREATE VIEW wide AS SELECT * FROM read_parquet('{_quoted(wide_names)}')"
        )

    def __enter__(self) -> "PieceReader":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def large_domains(self) -> list[str]:
        """Those that are better read by ``lineages_of`` than held in memory, in order."""
        statement = "SELECT domain FROM piece GROUP BY domain HAVING count(*) > ? ORDER BY domain"
        return [domain for (domain,) in self._connection.execute(statement, [LARGE_DOMAIN]).fetchall()]

    def domains(self) -> Iterator[tuple[str, list[Row]]]:
        """Each other domain with its certificates, in order of the domains."""
        wanted = "SELECT id FROM piece WHERE names IS NULL"
        found = self._connection.execute(f"SELECT * FROM wide WHERE id IN ({wanted})").fetchall()
        wide = {number: (tuple(names), tuple(domains)) for number, names, domains in found}
        statement = f"""SELECT domain, sightings, {OWN_NAMES} FROM piece
            WHERE domain NOT IN (SELECT domain FROM piece GROUP BY domain HAVING count(*) > $large) ORDER BY domain"""
        rows = self._rows(statement, {"large": LARGE_DOMAIN}, wide)
        for domain, of_domain in groupby(rows, key=itemgetter(0)):
            yield domain, list(of_domain)

    def lineages_of(self, domain: str) -> Iterator[list[Row]]:
        """The certificates of one domain by their exact names, in order of the names."""
        statement = f"""SELECT domain, sightings, {JOINED_NAMES}
            FROM piece LEFT JOIN wide USING (id) WHERE domain = $domain ORDER BY {3 + NAMES_AT}"""
        rows = self._rows(statement, {"domain": domain}, {})
        for _, of_lineage in groupby(rows, key=lambda row: row.issuance.names):
            yield list(of_lineage)

    def _rows(
        self, statement: str, values: dict[str, Any], wide: dict[int, tuple[tuple[str, ...], tuple[str, ...]]]
    ) -> Iterator[Row]:
        cursor = self._connection.execute(statement, values)
        while rows := cursor.fetchmany(ROWS_AT_ONCE):
            for domain, sightings, *fields in rows:
                if fields[NAMES_AT] is None:
                    fields[NAMES_AT], fields[DOMAINS_AT] = wide[fields[0]]
                for at in LISTS_AT:
                    fields[at] = tuple(fields[at] or ())
                yield Row(domain, sightings, Issuance._make(fields))

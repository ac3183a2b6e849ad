"""An export's files as tables of DuckDB, whatever their format."""

from pathlib import Path

import duckdb

from ctcollect.export import Manifest
from ctcollect.export.tables import TABLES, Column, ExportTable, Kind

TYPES = {
    Kind.STRING: "VARCHAR",
    Kind.INTEGER: "BIGINT",
    Kind.BOOLEAN: "BOOLEAN",
    Kind.TIMESTAMP: "TIMESTAMPTZ",
    Kind.DATE: "DATE",
}
# In CSV lists are JSON text.
STRUCTURES = {
    Kind.STRINGS: '["VARCHAR"]',
    Kind.INTEGERS: '["BIGINT"]',
    Kind.SCTS: '[{"log_id":"VARCHAR","timestamp_ms":"BIGINT"}]',
}
# A row is at most 50 MB, and in CSV its quotes may double.
LONGEST_LINE_BYTES = 100_000_000


def create_views(connection: duckdb.DuckDBPyConnection, directory: Path, manifest: Manifest) -> None:
    """A view a table, of its name and with its columns; the folders' dt is none of them."""
    for table in TABLES:
        files = [str(directory / path) for path in manifest.paths_of(table.name)]
        source = _parquet(files) if manifest.format == "parquet" else _csv(table, files)
        connection.execute(f"CREATE VIEW {table.name} AS {source}")


def _parquet(files: list[str]) -> str:
    return f"SELECT * FROM read_parquet({_literal(files)}, hive_partitioning = false)"


def _csv(table: ExportTable, files: list[str]) -> str:
    types = ", ".join(f"'{column.name}': '{TYPES.get(column.kind, 'VARCHAR')}'" for column in table.columns)
    columns = ", ".join(_from_text(column) for column in table.columns)
    options = (
        "header = true, delim = ',', quote = '\"', escape = '\"', nullstr = '', allow_quoted_nulls = false, "
        "new_line = '\\r\\n', compression = 'gzip', auto_detect = false, hive_partitioning = false, parallel = false, "
        f"max_line_size = {LONGEST_LINE_BYTES}, buffer_size = {2 * LONGEST_LINE_BYTES}"
    )
    return f"SELECT {columns} FROM read_csv({_literal(files)}, columns = {{{types}}}, {options})"


def _from_text(column: Column) -> str:
    structure = STRUCTURES.get(column.kind)
    return f"from_json({column.name}, '{structure}') AS {column.name}" if structure else column.name


def _literal(texts: list[str]) -> str:
    return "[" + ", ".join("'" + text.replace("'", "''") + "'" for text in texts) + "]"

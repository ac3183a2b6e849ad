"""One file of an export in each format: Parquet with zstd, CSV after RFC 4180 with gzip."""

import gzip
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from ctcollect.export.files import HashedFile
from ctcollect.export.tables import ExportTable

GZIP_LEVEL = 3


class ParquetPart:
    """Plain types, lists as BigQuery's list inference reads them; nothing in it tells of Arrow."""

    suffix = ".parquet"

    def __init__(self, file: HashedFile, table: ExportTable) -> None:
        self._writer: pq.ParquetWriter | None = None
        self._file = file

    def write(self, rows: pa.Table) -> None:
        """Append these rows as one row group."""
        rows = rows.unify_dictionaries()
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._file, rows.schema, compression="zstd", store_schema=False)
        self._writer.write_table(rows, row_group_size=max(1, rows.num_rows))

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()


class CsvPart:
    """Lists as JSON text, times as ``2026-01-31 00:00:00.000000Z``; every text is quoted, so that "" is not NULL."""

    suffix = ".csv.gz"

    def __init__(self, file: HashedFile, table: ExportTable) -> None:
        # No time and no name inside: the same rows give the same octets.
        self._gzip = gzip.GzipFile(filename="", mode="wb", fileobj=file, compresslevel=GZIP_LEVEL, mtime=0)
        names = (f'"{name}"' for name in table.column_names)
        self._gzip.write((",".join(names) + "\r\n").encode())
        self._options = pacsv.WriteOptions(include_header=False, eol="\r\n")

    def write(self, rows: pa.Table) -> None:
        columns = [_text(column) for column in rows.columns]
        pacsv.write_csv(pa.table(columns, names=rows.column_names), self._gzip, self._options)

    def close(self) -> None:
        self._gzip.close()


def _text(column: Any) -> Any:
    if pa.types.is_list(column.type):
        return pa.array([orjson.dumps(each).decode() for each in column.to_pylist()], pa.string())
    return column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column


FORMATS: dict[str, type[ParquetPart] | type[CsvPart]] = {"parquet": ParquetPart, "csv": CsvPart}

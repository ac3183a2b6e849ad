"""What goes with the data: BigQuery's schema of each table, the lines that load them, a page for the reader."""

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from ctcollect.export.tables import Column, ExportTable, Kind

# CSV has no lists: there they are JSON text.
REPEATED = {Kind.STRINGS: "STRING", Kind.INTEGERS: "INTEGER", Kind.SCTS: "RECORD"}
SCT_FIELDS = [
    {"name": "log_id", "type": "STRING", "mode": "NULLABLE"},
    {"name": "timestamp_ms", "type": "INTEGER", "mode": "NULLABLE"},
]


def schema_json(table: ExportTable, file_format: str) -> str:
    """The table's schema in BigQuery's form. The column dt, which only the folders hold, is not in it."""
    return json.dumps([_field(column, file_format) for column in table.columns], indent=2) + "\n"


def _field(column: Column, file_format: str) -> dict[str, Any]:
    field: dict[str, Any] = {"name": column.name, "type": str(column.kind), "mode": "NULLABLE"}
    if column.kind in REPEATED:
        is_csv = file_format == "csv"
        field |= {"type": "STRING"} if is_csv else {"type": REPEATED[column.kind], "mode": "REPEATED"}
        if column.kind is Kind.SCTS and not is_csv:
            field["fields"] = SCT_FIELDS
    if column.description:
        field["description"] = column.description
    return field


LOAD_SH = """\
#!/bin/sh
# Loads this export into BigQuery: sh load.sh PROJECT:DATASET gs://BUCKET/FOLDER
# It copies the folder to Cloud Storage first; a table that exists is replaced.
set -eu
dataset=$1
bucket=${2%/}
cd "$(dirname "$0")"
gcloud storage rsync --recursive . "$bucket"
"""


def load_script(tables: Sequence[ExportTable], file_format: str) -> str:
    """A shell script with one `bq load` line a table."""
    return LOAD_SH + "".join(_bq_load(table, file_format) + "\n" for table in tables)


def _bq_load(table: ExportTable, file_format: str) -> str:
    if file_format == "parquet":
        options, suffix, schema = "--source_format=PARQUET --parquet_enable_list_inference", ".parquet", ""
    else:
        # Names in certificates hold whatever their makers put there, line breaks and NULs too.
        quirks = "--allow_quoted_newlines --preserve_ascii_control_characters"
        options, suffix = f"--source_format=CSV --skip_leading_rows=1 {quirks}", ".csv.gz"
        schema = f" {table.name}/schema.json"
    if table.day_column:
        prefix = f'--hive_partitioning_source_uri_prefix="$bucket/{table.name}/{{dt:DATE}}"'
        options += f" --hive_partitioning_mode=CUSTOM {prefix}"
    return f'bq load --replace {options} "$dataset.{table.name}" "$bucket/{table.name}/*{suffix}"{schema}'


README = """\
# An export of ctcollect {version}

Certificates of .jp names in Certificate Transparency logs, as they stood on {date} (UTC). `manifest.json` tells the
rows of each table and the SHA-256 of each file; `ctcollect export --check DIR` compares. `<table>/schema.json` names
the columns in BigQuery's form; `load.sh` loads all of it there.

Times are UTC, hashes and serials lower-case hex, spans half-open. {where_days}

| table | rows | folders by |
| --- | ---: | --- |
{rows}

A log's range is proven complete when its `state` is `verified` and `verified_at` is not after the manifest's
`verified_until`: of such a range every certificate is here.
"""
DAYS = "dt=YYYY-MM-DD is a UTC day, that of the column named below: when it was collected, not when it was issued."


def readme(tables: Sequence[ExportTable], counts: dict[str, int], version: str, day: date) -> str:
    """The page of an export."""
    rows = "\n".join(f"| {each.name} | {counts[each.name]:,} | {each.day_column or ''} |" for each in tables)
    return README.format(version=version, date=day, where_days=DAYS, rows=rows)

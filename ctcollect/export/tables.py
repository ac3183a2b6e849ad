"""What an export holds: tables and columns as data, in the order of every file. docs/export.md is for people.

Times are UTC, hashes and serials lower-case hex, spans half-open, ``*_ms`` milliseconds since 1970 UTC.
"""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """BigQuery's types; ``STRINGS``, ``INTEGERS`` and ``SCTS`` are its REPEATED STRING, INTEGER and RECORD."""

    STRING = "STRING"
    INTEGER = "INTEGER"
    BOOLEAN = "BOOLEAN"
    TIMESTAMP = "TIMESTAMP"
    DATE = "DATE"
    STRINGS = "STRINGS"
    INTEGERS = "INTEGERS"
    SCTS = "SCTS"


@dataclass(frozen=True, slots=True)
class Column:
    """``repeats``: few values make up the column, so that it is kept as a dictionary in memory as in the file."""

    name: str
    kind: Kind
    description: str = ""
    repeats: bool = False


@dataclass(frozen=True, slots=True)
class ExportTable:
    """A table of the database. ``day_column``: the time by whose UTC day the files lie in folders dt=YYYY-MM-DD.

    ``bound_column``: rows whose id is beyond the newest one of when the table's turn came are left for the next export.
    """

    name: str
    columns: tuple[Column, ...]
    day_column: str | None = None
    bound_column: str | None = None

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)


def _text(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, Kind.STRING) for name in names)


def _few(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, Kind.STRING, repeats=True) for name in names)


def _numbers(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, Kind.INTEGER) for name in names)


def _flags(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, Kind.BOOLEAN) for name in names)


def _times(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, Kind.TIMESTAMP) for name in names)


def _lists(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, Kind.STRINGS) for name in names)


SIGHTINGS = ExportTable(
    "sightings",
    (
        *_numbers("id"),
        *_few("log_id", "log_name"),
        *_numbers("leaf_index"),
        Column("leaf_timestamp", Kind.TIMESTAMP, "of the entry in the log; NULL when it is no date"),
        Column("entry_type", Kind.STRING, "precert or x509", repeats=True),
        *_numbers("certificate_id"),
        *_few("friend", "worker", "leaf_file"),
        *_times("collected_at"),
    ),
    day_column="collected_at",
    bound_column="id",
)

CERTIFICATES = ExportTable(
    "certificates",
    (
        *_numbers("id"),
        Column("identity", Kind.STRING, "SHA-256 over the columns that decide sameness"),
        *_text("serial"),
        *_few("issuer_dn", "issuer_cn", "issuer_o", "issuer_key_hash", "authority_key_id"),
        *_text("subject_dn", "common_name", "organization"),
        *_times("not_before", "not_after"),
        *_few("key_type"),
        *_numbers("key_bits"),
        Column("spki_hash", Kind.STRING, "SHA-256 of the SubjectPublicKeyInfo"),
        Column("tbs_hash", Kind.STRING, "SHA-256 of the TBSCertificate without poison and SCT list"),
        *_few("signature_algorithm"),
        *_lists("policy_oids"),
        Column("sct_list", Kind.SCTS, "of the final certificate; timestamp_ms is NULL beyond 2^63 - 1"),
        Column("san_names", Kind.STRINGS, "every dNSName in the certificate's order, not only those under .jp"),
        Column("faults", Kind.STRINGS, "what could not be read, 'field: reason'"),
        *_flags("is_precert_seen", "is_final_seen"),
        *_few("first_log_id"),
        *_numbers("first_leaf_index"),
        *_times("first_seen_at"),
    ),
    day_column="first_seen_at",
    bound_column="id",
)

CERTIFICATE_NAMES = ExportTable(
    "certificate_names",
    (
        *_numbers("certificate_id"),
        Column("name", Kind.STRING, "a .jp name of the certificate, a lower-case A-label"),
        *_text("registered_domain"),
        *_few("organisation_type"),
    ),
    bound_column="certificate_id",
)

DAILY_COUNTS = ExportTable(
    "daily_counts",
    (Column("day", Kind.DATE, "in Asia/Tokyo"), *_text("log_name"), *_numbers("entries", "uploaded", "registered")),
)

LOGS = ExportTable(
    "logs",
    (
        *_text("log_id", "name", "description", "operator", "queue", "kind", "url"),
        Column("key", Kind.STRING, "DER of the SubjectPublicKeyInfo, hex"),
        *_numbers("mmd_seconds"),
        *_text("state"),
        *_times("state_since"),
        *_text("log_type", "submission_url", "available_from"),
        *_flags("reachable"),
        *_times("unobtainable_since"),
        Column("interval_start", Kind.TIMESTAMP, "the shard holds certificates with not_after from here"),
        Column("interval_end", Kind.TIMESTAMP, "to before here"),
        *_numbers("tree_size"),
        *_text("root_hash"),
        *_times("head_timestamp"),
        *_numbers("final_tree_size"),
        *_text("final_root_hash"),
        *_flags("enabled", "paused"),
        *_numbers("entries_done", "entries_verified", "sightings", "certificates", "malformed"),
    ),
)

TREE_HEADS = ExportTable(
    "tree_heads",
    (
        *_few("log_id"),
        *_numbers("tree_size"),
        *_text("root_hash"),
        *_numbers("timestamp_ms"),
        Column("signature", Kind.STRING, "the log's DigitallySigned, hex"),
        *_times("seen_at"),
    ),
)

WINDOWS = ExportTable("windows", (*_few("log_id"), *_numbers("start_index", "end_index")))

TIMESTAMP_SAMPLES = ExportTable(
    "timestamp_samples",
    (
        *_few("log_id"),
        *_numbers("leaf_index"),
        Column("timestamps_ms", Kind.INTEGERS, "of consecutive entries from leaf_index on"),
    ),
)

RANGES = ExportTable(
    "ranges",
    (
        *_few("log_id"),
        *_numbers("start_index", "end_index"),
        Column("state", Kind.STRING, "open, full (every entry read) or verified (proven against a signed head)", True),
        Column(
            "units_done", Kind.STRING, "bit i, from the low end of each octet: entries [32 i, 32 i + 32); hex", True
        ),
        *_times("verified_at"),
        *_numbers("verified_size"),
    ),
)

# In the order of reading: a row comes before what it refers to, because that was there first; the ledger comes last.
TABLES = (
    SIGHTINGS,
    CERTIFICATES,
    CERTIFICATE_NAMES,
    DAILY_COUNTS,
    LOGS,
    TREE_HEADS,
    WINDOWS,
    TIMESTAMP_SAMPLES,
    RANGES,
)

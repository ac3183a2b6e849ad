"""What stands in the tables, for comparing."""

from typing import Any

from sqlalchemy import select

from ctcollect.models import Base
from ctcollect.store import Store

Tables = dict[str, list[tuple[Any, ...]]]

# What tells where, when and by whom something was collected, or in which order, and numbers that only join tables.
HISTORY = {
    "logs": {
        "url",
        "rest_until",
        "rest_seconds",
        "reachable_since",
        "probed_at",
        "last_fault",
        "requests",
        "throttled",
    },
    "ranges": {
        "issued_until",
        "attempts",
        "audit_after",
        "audit_attempts",
        "verified_at",
        "avoid",
        "brought_by",
        "brought_at",
    },
    "certificates": {"id", "first_log_id", "first_leaf_index", "first_seen_at"},
    "sightings": {"id", "friend", "worker", "leaf_file", "collected_at"},
}
CONTENT = (*HISTORY, "certificate_names", "malformed", "subtrees", "windows")


def dump(store: Store) -> Tables:
    """Every row of every table, in the order of its columns' texts."""
    with store.reading() as session:
        return {
            table.name: sorted((tuple(row) for row in session.execute(select(table))), key=repr)
            for table in Base.metadata.sorted_tables
        }


def content(store: Store) -> Tables:
    """What was collected: certificates go by identity, columns of HISTORY are left out."""
    with store.reading() as session:
        tables = {
            name: [dict(row) for row in session.execute(select(Base.metadata.tables[name])).mappings()]
            for name in CONTENT
        }
    identities = {row["id"]: row["identity"] for row in tables["certificates"]}
    for row in tables["sightings"] + tables["certificate_names"]:
        row["certificate_id"] = identities[row["certificate_id"]]
    return {
        name: sorted((tuple(v for k, v in row.items() if k not in HISTORY.get(name, ())) for row in rows), key=repr)
        for name, rows in tables.items()
    }

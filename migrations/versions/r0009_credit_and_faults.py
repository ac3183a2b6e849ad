"""Credit for verified entries, faults of logs, what workers tell of themselves, and who brought each range.

What is verified already gets its credit here: its deliveries say who brought it, and when.
"""

import sqlalchemy as sa
from alembic import op

from migrations.versions.r0001_first_tables import MOMENT, TABLE_OPTIONS, ascii_text

revision = "0009"
down_revision = "0008"


def _sums() -> list[sa.Column[int]]:
    return [sa.Column(name, sa.BigInteger(), nullable=False) for name in ("entries", "certificates")]


metadata = sa.MetaData()
sa.Table("logs", metadata, sa.Column("log_id", ascii_text(64), primary_key=True))
credits_ = sa.Table(
    "credits",
    metadata,
    sa.Column("worker", sa.String(length=191), nullable=False),
    sa.Column("log_id", ascii_text(64), nullable=False),
    sa.Column("day", sa.Date(), nullable=False),
    sa.Column("friend", sa.String(length=64), nullable=False),
    *_sums(),
    sa.ForeignKeyConstraint(["log_id"], ["logs.log_id"], name="fk_credits_log_id"),
    sa.PrimaryKeyConstraint("worker", "log_id", "day", name="pk_credits"),
    sa.Index("ix_credits_friend_log_id_entries_certificates", "friend", "log_id", "entries", "certificates"),
    **TABLE_OPTIONS,
)
credit_days = sa.Table(
    "credit_days",
    metadata,
    sa.Column("friend", sa.String(length=64), nullable=False),
    sa.Column("day", sa.Date(), nullable=False),
    *_sums(),
    sa.PrimaryKeyConstraint("friend", "day", name="pk_credit_days"),
    sa.Index("ix_credit_days_day", "day"),
    **TABLE_OPTIONS,
)
credit_hours = sa.Table(
    "credit_hours",
    metadata,
    sa.Column("hour", MOMENT, nullable=False),
    sa.Column("friend", sa.String(length=64), nullable=False),
    *_sums(),
    sa.PrimaryKeyConstraint("hour", "friend", name="pk_credit_hours"),
    **TABLE_OPTIONS,
)
credit_totals = sa.Table(
    "credit_totals",
    metadata,
    sa.Column("friend", sa.String(length=64), nullable=False),
    *_sums(),
    sa.Column("days", sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint("friend", name="pk_credit_totals"),
    **TABLE_OPTIONS,
)
log_faults = sa.Table(
    "log_faults",
    metadata,
    sa.Column("log_id", ascii_text(64), nullable=False),
    sa.Column("day", sa.Date(), nullable=False),
    sa.Column("kind", ascii_text(32), nullable=False),
    sa.Column("times", sa.BigInteger(), nullable=False),
    sa.Column("last_at", MOMENT, nullable=False),
    sa.Column("last_text", sa.String(length=255), nullable=False),
    sa.ForeignKeyConstraint(["log_id"], ["logs.log_id"], name="fk_log_faults_log_id"),
    sa.PrimaryKeyConstraint("log_id", "day", "kind", name="pk_log_faults"),
    **TABLE_OPTIONS,
)
NEW_TABLES = [credits_, credit_days, credit_hours, credit_totals, log_faults]
COUNTERS = {"deliveries": ("certificates",), "pace_counts": ("requests", "throttled")}
NEW_COLUMNS = {
    "workers": {
        "reported_at": MOMENT,
        "spool_harvests": sa.BigInteger(),
        "spool_bytes": sa.BigInteger(),
        "spool_free_bytes": sa.BigInteger(),
        "lanes": sa.JSON(),
    },
    "ranges": {"brought_by": sa.String(length=64), "brought_at": MOMENT},
}
NEW_INDEXES = {
    "ranges": ("log_id", "state", "brought_by", "brought_at"),
    "tree_heads": ("log_id", "timestamp_ms"),
    "daily_counts": ("log_name", "day"),
}

TOKYO_DAY = {"sqlite": "date({}, '+9 hours')", "mysql": "DATE({} + INTERVAL 9 HOUR)"}
HOUR = {
    "sqlite": "strftime('%Y-%m-%d %H:00:00.000000', {})",
    "mysql": "CAST(DATE_FORMAT({}, '%Y-%m-%d %H:00:00') AS DATETIME(3))",
}
HOURS_KEPT = {"sqlite": "datetime('now', '-48 hours')", "mysql": "UTC_TIMESTAMP() - INTERVAL 48 HOUR"}
FIRST_BROUGHT = """
    UPDATE deliveries SET certificates = (
        SELECT COUNT(*) FROM sightings JOIN certificates ON certificates.id = sightings.certificate_id
        WHERE sightings.log_id = deliveries.log_id AND sightings.leaf_index >= deliveries.start_index
        AND sightings.leaf_index < deliveries.end_index AND certificates.first_log_id = sightings.log_id
        AND certificates.first_leaf_index = sightings.leaf_index)"""
BROUGHT = """
    UPDATE deliveries SET certificates = (
        SELECT COUNT(*) FROM sightings JOIN certificates ON certificates.id = sightings.certificate_id
        WHERE sightings.log_id = deliveries.log_id AND sightings.leaf_index >= deliveries.start_index
        AND sightings.leaf_index < deliveries.end_index AND certificates.first_log_id = sightings.log_id
        AND certificates.first_leaf_index = sightings.leaf_index)"""
BROUGHT_BY_WORKERS = """
    UPDATE workers SET
        entries = (SELECT COALESCE(SUM(entries), 0) FROM contributions WHERE worker = workers.name),
        certificates = (SELECT COALESCE(SUM(certificates), 0) FROM contributions WHERE worker = workers.name)"""
BROUGHT = """
    UPDATE ranges SET
        brought_at = (SELECT MAX(recorded_at) FROM deliveries
            WHERE deliveries.log_id = ranges.log_id AND deliveries.range_start = ranges.start_index),
        brought_by = (SELECT friend FROM deliveries
            WHERE deliveries.log_id = ranges.log_id AND deliveries.range_start = ranges.start_index
            GROUP BY friend ORDER BY SUM(deliveries.end_index - deliveries.start_index) DESC, friend LIMIT 1)"""
SUMS = "SUM(deliveries.end_index - deliveries.start_index), SUM(deliveries.certificates)"
VERIFIED = """
    FROM deliveries JOIN ranges ON ranges.log_id = deliveries.log_id AND ranges.start_index = deliveries.range_start
    WHERE ranges.state = 'verified'"""


def upgrade() -> None:
    connection = op.get_bind()
    metadata.create_all(connection, tables=NEW_TABLES)
    for table, columns in NEW_COLUMNS.items():
        for name, kind in columns.items():
            op.add_column(table, sa.Column(name, kind))
    for table, names in COUNTERS.items():
        for name in names:
            op.add_column(table, sa.Column(name, sa.BigInteger(), nullable=False, server_default="0"))
    for statement in (FIRST_BROUGHT, BROUGHT, *_credit(connection.dialect.name)):
        connection.execute(sa.text(statement))
    for table, of in NEW_INDEXES.items():
        op.create_index(f"ix_{table}_{'_'.join(of)}", table, of)


def _credit(dialect: str) -> list[str]:
    dialect = dialect if dialect == "sqlite" else "mysql"
    day, hour = (each[dialect].format("deliveries.recorded_at") for each in (TOKYO_DAY, HOUR))
    return [
        f"INSERT INTO credits (worker, log_id, day, friend, entries, certificates)"
        f" SELECT worker, deliveries.log_id, {day}, MAX(friend), {SUMS} {VERIFIED} GROUP BY 1, 2, 3",
        f"INSERT INTO credit_hours (hour, friend, entries, certificates)"
        f" SELECT {hour}, friend, {SUMS} {VERIFIED} AND recorded_at >= {HOURS_KEPT[dialect]} GROUP BY 1, 2",
        "INSERT INTO credit_days (friend, day, entries, certificates)"
        " SELECT friend, day, SUM(entries), SUM(certificates) FROM credits GROUP BY 1, 2",
        "INSERT INTO credit_totals (friend, entries, certificates, days)"
        " SELECT friend, SUM(entries), SUM(certificates), COUNT(*) FROM credit_days GROUP BY 1",
    ]


def downgrade() -> None:
    for table, of in NEW_INDEXES.items():
        op.drop_index(f"ix_{table}_{'_'.join(of)}", table)
    names = {table: [*NEW_COLUMNS.get(table, ()), *COUNTERS.get(table, ())] for table in NEW_COLUMNS | COUNTERS}
    for table, columns in names.items():
        with op.batch_alter_table(table) as batch:
            for name in columns:
                batch.drop_column(name)
    metadata.drop_all(op.get_bind(), tables=NEW_TABLES)

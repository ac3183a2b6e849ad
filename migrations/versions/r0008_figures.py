"""Samples of the collection's counters, gauges, incidents; counters in the place of counting again and again."""

import sqlalchemy as sa
from alembic import op

from migrations.versions.r0001_first_tables import MOMENT, TABLE_OPTIONS, ascii_text

revision = "0008"
down_revision = "0007"


def counters() -> list[sa.Column[int]]:
    names = ("entries_done", "entries_verified", "sightings", "registered", "requests", "throttled")
    return [sa.Column(name, sa.BigInteger(), nullable=False) for name in names]


metadata = sa.MetaData()
logs = sa.Table(
    "logs",
    metadata,
    sa.Column("log_id", ascii_text(64), primary_key=True),
    *(sa.Column(name, sa.BigInteger()) for name in ("open_ranges", "requests", "throttled")),
)
workers = sa.Table(
    "workers",
    metadata,
    sa.Column("name", sa.String(length=191), primary_key=True),
    *(sa.Column(name, sa.BigInteger()) for name in ("entries", "certificates")),
)
ranges = sa.table("ranges", sa.column("log_id"), sa.column("state"))
contributions = sa.table(
    "contributions",
    *(sa.column(name) for name in ("worker", "log_id", "entries", "certificates", "requests", "throttled")),
)
fleet_samples = sa.Table(
    "fleet_samples",
    metadata,
    sa.Column("series", sa.Integer(), autoincrement=False, nullable=False),
    sa.Column("sampled_at", sa.BigInteger(), autoincrement=False, nullable=False),
    *counters(),
    sa.PrimaryKeyConstraint("series", "sampled_at", name="pk_fleet_samples"),
    **TABLE_OPTIONS,
)
progress_samples = sa.Table(
    "progress_samples",
    metadata,
    sa.Column("series", sa.Integer(), autoincrement=False, nullable=False),
    sa.Column("sampled_at", sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column("log_id", ascii_text(64), nullable=False),
    *counters(),
    sa.ForeignKeyConstraint(["log_id"], ["logs.log_id"], name="fk_progress_samples_log_id"),
    sa.PrimaryKeyConstraint("series", "sampled_at", "log_id", name="pk_progress_samples"),
    sa.Index("ix_progress_samples_series_log_id_sampled_at", "series", "log_id", "sampled_at"),
    **TABLE_OPTIONS,
)
gauges = sa.Table(
    "gauges",
    metadata,
    sa.Column("name", ascii_text(64), nullable=False),
    sa.Column("value", sa.BigInteger(), nullable=False),
    sa.Column("maximum", sa.BigInteger()),
    sa.Column("sampled_at", MOMENT, nullable=False),
    sa.PrimaryKeyConstraint("name", name="pk_gauges"),
    **TABLE_OPTIONS,
)
incidents = sa.Table(
    "incidents",
    metadata,
    sa.Column("day", sa.Date(), nullable=False),
    sa.Column("kind", ascii_text(32), nullable=False),
    sa.Column("subject", sa.String(length=191), nullable=False),
    sa.Column("times", sa.BigInteger(), nullable=False),
    sa.Column("first_at", MOMENT, nullable=False),
    sa.Column("last_at", MOMENT, nullable=False),
    sa.PrimaryKeyConstraint("day", "kind", "subject", name="pk_incidents"),
    **TABLE_OPTIONS,
)
NEW_TABLES = [fleet_samples, progress_samples, gauges, incidents]
NEW_COUNTERS = {"logs": ("open_ranges", "requests", "throttled"), "workers": ("entries", "certificates")}
# (table, columns): what is asked for by time alone.
NEW_INDICES = [("refused_harvests", ["received_at"]), ("contributions", ["day"])]


def upgrade() -> None:
    metadata.create_all(op.get_bind(), tables=NEW_TABLES)
    for table, names in NEW_COUNTERS.items():
        for name in names:
            op.add_column(table, sa.Column(name, sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("workers", sa.Column("clock_ahead_seconds", sa.Double()))
    for table, columns in NEW_INDICES:
        op.create_index(f"ix_{table}_{'_'.join(columns)}", table, columns)
    _count_what_is_there()


def _count_what_is_there() -> None:
    is_open = sa.and_(ranges.c.log_id == logs.c.log_id, ranges.c.state == "open")
    count = sa.select(sa.func.count()).select_from(ranges).where(is_open)
    of_log, of_worker = contributions.c.log_id == logs.c.log_id, contributions.c.worker == workers.c.name
    op.execute(
        logs.update().values(
            open_ranges=count.scalar_subquery(),
            requests=_sum_of("requests", of_log),
            throttled=_sum_of("throttled", of_log),
        )
    )
    op.execute(
        workers.update().values(entries=_sum_of("entries", of_worker), certificates=_sum_of("certificates", of_worker))
    )


def _sum_of(name: str, where: sa.ColumnElement[bool]) -> sa.ScalarSelect[int]:
    return sa.select(sa.func.coalesce(sa.func.sum(contributions.c[name]), 0)).where(where).scalar_subquery()


def downgrade() -> None:
    for table, columns in NEW_INDICES:
        op.drop_index(f"ix_{table}_{'_'.join(columns)}", table)
    for table, names in {**NEW_COUNTERS, "workers": (*NEW_COUNTERS["workers"], "clock_ahead_seconds")}.items():
        with op.batch_alter_table(table) as batch:
            for name in names:
                batch.drop_column(name)
    metadata.drop_all(op.get_bind(), tables=NEW_TABLES)

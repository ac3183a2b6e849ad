"""Who delivered what, second opinions, refused harvests, the proof of each range."""

import sqlalchemy as sa
from alembic import op

from migrations.versions.r0001_first_tables import BIG_ID, BLOB, MOMENT, TABLE_OPTIONS, ascii_text

revision = "0002"
down_revision = "0001"

metadata = sa.MetaData()
logs = sa.Table("logs", metadata, sa.Column("log_id", ascii_text(64), primary_key=True))
deliveries = sa.Table(
    "deliveries",
    metadata,
    sa.Column("log_id", ascii_text(64), nullable=False),
    sa.Column("start_index", sa.BigInteger(), nullable=False),
    sa.Column("end_index", sa.BigInteger(), nullable=False),
    sa.Column("range_start", sa.BigInteger(), nullable=False),
    sa.Column("worker", sa.String(length=191), nullable=False),
    sa.Column("friend", sa.String(length=64), nullable=False),
    sa.Column("nodes", sa.JSON(), nullable=False),
    sa.Column("recorded_at", MOMENT, nullable=False),
    sa.ForeignKeyConstraint(["log_id"], ["logs.log_id"], name="fk_deliveries_log_id"),
    sa.PrimaryKeyConstraint("log_id", "start_index", name="pk_deliveries"),
    sa.Index("ix_deliveries_log_id_range_start", "log_id", "range_start"),
    sa.Index("ix_deliveries_friend", "friend"),
    **TABLE_OPTIONS,
)
second_opinions = sa.Table(
    "second_opinions",
    metadata,
    sa.Column("log_id", ascii_text(64), nullable=False),
    sa.Column("start_index", sa.BigInteger(), nullable=False),
    sa.Column("end_index", sa.BigInteger(), nullable=False),
    sa.Column("range_start", sa.BigInteger(), nullable=False),
    sa.Column("queue", ascii_text(32), nullable=False),
    sa.Column("first_friend", sa.String(length=64), nullable=False),
    sa.Column("second_friend", sa.String(length=64)),
    sa.Column("state", ascii_text(16), nullable=False),
    sa.Column("checked_until", sa.BigInteger(), nullable=False),
    sa.Column("issued_until", MOMENT),
    sa.Column("asked_at", MOMENT, nullable=False),
    sa.Column("answered_at", MOMENT),
    sa.ForeignKeyConstraint(["log_id"], ["logs.log_id"], name="fk_second_opinions_log_id"),
    sa.PrimaryKeyConstraint("log_id", "start_index", name="pk_second_opinions"),
    sa.Index("ix_second_opinions_queue_state", "queue", "state"),
    **TABLE_OPTIONS,
)
refused_harvests = sa.Table(
    "refused_harvests",
    metadata,
    sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
    sa.Column("received_at", MOMENT, nullable=False),
    sa.Column("worker", sa.String(length=191), nullable=False),
    sa.Column("log_id", ascii_text(64)),
    sa.Column("start_index", sa.BigInteger()),
    sa.Column("end_index", sa.BigInteger()),
    sa.Column("reason", sa.String(length=255), nullable=False),
    sa.Column("body", BLOB, nullable=False),
    sa.PrimaryKeyConstraint("id", name="pk_refused_harvests"),
    sa.Index("ix_refused_harvests_worker_received_at", "worker", "received_at"),
    **TABLE_OPTIONS,
)
NEW_TABLES = [deliveries, second_opinions, refused_harvests]
NEW_RANGE_COLUMNS = {"verified_size": sa.BigInteger(), "audit_path": sa.JSON(), "avoid": sa.JSON()}


def upgrade() -> None:
    metadata.create_all(op.get_bind(), tables=NEW_TABLES)
    for name, kind in NEW_RANGE_COLUMNS.items():
        op.add_column("ranges", sa.Column(name, kind))
    op.add_column("workers", sa.Column("bad_deliveries", sa.BigInteger(), nullable=False, server_default="0"))


def downgrade() -> None:
    with op.batch_alter_table("workers") as workers:
        workers.drop_column("bad_deliveries")
    with op.batch_alter_table("ranges") as ranges:
        for name in NEW_RANGE_COLUMNS:
            ranges.drop_column(name)
    metadata.drop_all(op.get_bind(), tables=NEW_TABLES)

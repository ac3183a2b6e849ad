"""Windows by time: the timestamps that were read to find their ends, and windows that grow with their log."""

import sqlalchemy as sa
from alembic import op

from migrations.versions.r0001_first_tables import MOMENT, TABLE_OPTIONS, ascii_text

revision = "0006"
down_revision = "0005"

metadata = sa.MetaData()
logs = sa.Table("logs", metadata, sa.Column("log_id", ascii_text(64), primary_key=True))
followed_windows = sa.Table(
    "followed_windows",
    metadata,
    sa.Column("log_id", ascii_text(64), nullable=False),
    sa.Column("window_text", ascii_text(64), nullable=False),
    sa.Column("since", MOMENT, nullable=False),
    sa.ForeignKeyConstraint(["log_id"], ["logs.log_id"], name="fk_followed_windows_log_id"),
    sa.PrimaryKeyConstraint("log_id", "window_text", name="pk_followed_windows"),
    **TABLE_OPTIONS,
)
timestamp_samples = sa.Table(
    "timestamp_samples",
    metadata,
    sa.Column("log_id", ascii_text(64), nullable=False),
    sa.Column("leaf_index", sa.BigInteger(), nullable=False),
    sa.Column("timestamps_ms", sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(["log_id"], ["logs.log_id"], name="fk_timestamp_samples_log_id"),
    sa.PrimaryKeyConstraint("log_id", "leaf_index", name="pk_timestamp_samples"),
    **TABLE_OPTIONS,
)
NEW_TABLES = [followed_windows, timestamp_samples]


def upgrade() -> None:
    metadata.create_all(op.get_bind(), tables=NEW_TABLES)


def downgrade() -> None:
    metadata.drop_all(op.get_bind(), tables=NEW_TABLES)

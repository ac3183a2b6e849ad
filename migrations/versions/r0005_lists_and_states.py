"""What lists say of a log and how long it has not answered."""

import sqlalchemy as sa
from alembic import op

from migrations.versions.r0001_first_tables import MOMENT, TABLE_OPTIONS, ascii_text

revision = "0005"
down_revision = "0004"

metadata = sa.MetaData()
logs = sa.Table(
    "logs",
    metadata,
    sa.Column("log_id", ascii_text(64), primary_key=True),
    sa.Column("state", sa.String(length=32)),
    sa.Column("reachable", sa.Boolean()),
    sa.Column("reachable_since", MOMENT),
)
listings = sa.Table(
    "listings",
    metadata,
    sa.Column("list_name", sa.String(length=191), nullable=False),
    sa.Column("log_id", ascii_text(64), nullable=False),
    sa.Column("last_seen_at", MOMENT, nullable=False),
    sa.Column("vanished_at", MOMENT),
    sa.ForeignKeyConstraint(["log_id"], ["logs.log_id"], name="fk_listings_log_id"),
    sa.PrimaryKeyConstraint("list_name", "log_id", name="pk_listings"),
    **TABLE_OPTIONS,
)
NEW_LOG_COLUMNS = {
    "log_type": sa.String(length=32),
    "submission_url": sa.String(length=512),
    "available_from": ascii_text(16),
    "probed_at": MOMENT,
    "unobtainable_since": MOMENT,
    "final_tree_size": sa.BigInteger(),
    "final_root_hash": ascii_text(64),
}


def upgrade() -> None:
    metadata.create_all(op.get_bind(), tables=[listings])
    for name, kind in NEW_LOG_COLUMNS.items():
        op.add_column("logs", sa.Column(name, kind))
    # An older version took a state without a name, and could know that a log failed but not since when.
    op.execute(logs.update().where(sa.func.trim(logs.c.state) == "").values(state=None))
    is_dateless = sa.and_(logs.c.reachable.is_not(None), logs.c.reachable_since.is_(None))
    op.execute(logs.update().where(is_dateless).values(reachable=None))


def downgrade() -> None:
    metadata.drop_all(op.get_bind(), tables=[listings])
    with op.batch_alter_table("logs") as table:
        for name in NEW_LOG_COLUMNS:
            table.drop_column(name)

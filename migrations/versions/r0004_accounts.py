"""Friends' accounts of the broker."""

import sqlalchemy as sa
from alembic import op

from migrations.versions.r0001_first_tables import MOMENT, TABLE_OPTIONS, ascii_text

revision = "0004"
down_revision = "0003"

metadata = sa.MetaData()
accounts = sa.Table(
    "accounts",
    metadata,
    sa.Column("friend", ascii_text(64), nullable=False),
    sa.Column("password_hash", ascii_text(64), nullable=False),
    sa.Column("queues", sa.String(length=255), nullable=False),
    sa.Column("created_at", MOMENT, nullable=False),
    sa.Column("removed_at", MOMENT),
    sa.Column("removed_because", sa.String(length=255), nullable=False, server_default=""),
    sa.PrimaryKeyConstraint("friend", name="pk_accounts"),
    **TABLE_OPTIONS,
)


def upgrade() -> None:
    metadata.create_all(op.get_bind())


def downgrade() -> None:
    metadata.drop_all(op.get_bind())

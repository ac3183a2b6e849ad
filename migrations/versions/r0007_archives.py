"""Logs that are read from an archive: where that is."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("logs", sa.Column("archive", sa.String(2000)))


def downgrade() -> None:
    with op.batch_alter_table("logs") as logs:
        logs.drop_column("archive")

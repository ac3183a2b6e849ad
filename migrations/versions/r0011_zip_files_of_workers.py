"""Workers that have zip files of archives: which ones."""

import sqlalchemy as sa
from alembic import op

from migrations.versions.r0001_first_tables import ascii_text

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("workers", sa.Column("archives", ascii_text(2000), nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("workers") as workers:
        workers.drop_column("archives")

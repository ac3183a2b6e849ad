"""Ceilings for hosts that the coordinator has set."""

import sqlalchemy as sa
from alembic import op

from migrations.versions.r0001_first_tables import MOMENT, TABLE_OPTIONS, ascii_text

revision = "0003"
down_revision = "0002"

metadata = sa.MetaData()
host_paces = sa.Table(
    "host_paces",
    metadata,
    sa.Column("host", ascii_text(255), nullable=False),
    sa.Column("per_second", sa.Double(), nullable=False),
    sa.Column("set_at", MOMENT, nullable=False),
    sa.PrimaryKeyConstraint("host", name="pk_host_paces"),
    **TABLE_OPTIONS,
)


def upgrade() -> None:
    metadata.create_all(op.get_bind())


def downgrade() -> None:
    metadata.drop_all(op.get_bind())

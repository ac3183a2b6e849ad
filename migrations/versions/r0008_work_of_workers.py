"""How much each worker has brought in all, kept in the place of adding it up again and again."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

BROUGHT = """
    UPDATE workers SET
        entries = (SELECT COALESCE(SUM(entries), 0) FROM contributions WHERE worker = workers.name),
        certificates = (SELECT COALESCE(SUM(certificates), 0) FROM contributions WHERE worker = workers.name)"""


def upgrade() -> None:
    for name in ("entries", "certificates"):
        op.add_column("workers", sa.Column(name, sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("workers", sa.Column("clock_ahead_seconds", sa.Double()))
    op.create_index("ix_contributions_day", "contributions", ["day"])
    op.execute(BROUGHT)


def downgrade() -> None:
    op.drop_index("ix_contributions_day", "contributions")
    with op.batch_alter_table("workers") as workers:
        for name in ("entries", "certificates", "clock_ahead_seconds"):
            workers.drop_column(name)

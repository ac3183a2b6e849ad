"""The table ``certificates`` without the five indices that no question uses: each certificate wrote to all of them."""

from alembic import op

revision = "0013"
down_revision = "0011"

COLUMNS = ("serial", "not_before", "not_after", "spki_hash", "tbs_hash")


def upgrade() -> None:
    with op.batch_alter_table("certificates") as table:
        for column in COLUMNS:
            table.drop_index(f"ix_certificates_{column}")


def downgrade() -> None:
    with op.batch_alter_table("certificates") as table:
        for column in COLUMNS:
            table.create_index(f"ix_certificates_{column}", [column])

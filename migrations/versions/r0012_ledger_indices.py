"""Indices by which the feeder, the audit and the checks find their next rows, however many there are."""

from alembic import op

revision = "0012"
down_revision = "0011"

# (table, columns of the new index)
NEW = (
    ("ranges", ("state", "log_id", "issued_until", "start_index")),
    ("ranges", ("state", "audit_after", "log_id", "start_index")),
    ("second_opinions", ("queue", "state", "asked_at", "start_index")),
    ("second_opinions", ("queue", "state", "first_friend")),
)
FORMER = (("ranges", ("state", "log_id", "issued_until")), ("second_opinions", ("queue", "state")))


def _create(indices: tuple[tuple[str, tuple[str, ...]], ...]) -> None:
    for table, columns in indices:
        op.create_index(f"ix_{table}_{'_'.join(columns)}", table, columns)


def _drop(indices: tuple[tuple[str, tuple[str, ...]], ...]) -> None:
    for table, columns in indices:
        op.drop_index(f"ix_{table}_{'_'.join(columns)}", table)


def upgrade() -> None:
    _create(NEW)
    _drop(FORMER)


def downgrade() -> None:
    _create(FORMER)
    _drop(NEW)

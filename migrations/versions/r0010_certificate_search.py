"""Beside each name of a certificate what a search asks for, and indices that give the newest certificates first."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from ctcollect.search import UNREADABLE, text_key
from migrations.versions.r0001_first_tables import BIG_ID, ascii_text

revision = "0010"
down_revision = "0009"

ROWS_A_TIME = 2000
TABLE = "certificate_names"
NEW_COLUMNS: dict[str, Any] = {
    "name_reversed": ascii_text(255),
    "issuer_o_key": sa.BigInteger(),
    "issuer_cn_key": sa.BigInteger(),
    "not_before": sa.DateTime(),
    "not_after": sa.DateTime(),
}
INDICES = {
    "by_name": ("name_reversed", "not_before", "certificate_id", "issuer_o_key", "issuer_cn_key", "not_after"),
    "by_registered_domain": (
        "registered_domain", "not_before", "certificate_id", "issuer_o_key", "issuer_cn_key", "not_after",
    ),
    "by_type": ("organisation_type", "not_before", "certificate_id", "not_after"),
    "by_not_after": ("not_after", "not_before", "certificate_id", "organisation_type"),
    "by_issuer_o": ("issuer_o_key", "organisation_type", "not_before", "certificate_id", "not_after"),
    "by_issuer_cn": (
        "issuer_cn_key", "organisation_type", "not_before", "certificate_id", "issuer_o_key", "not_after",
    ),
}  # fmt: skip
FORMER_INDICES = ("name", "registered_domain")

metadata = sa.MetaData()
certificates = sa.Table(
    "certificates",
    metadata,
    sa.Column("id", BIG_ID, primary_key=True),
    sa.Column("issuer_o", sa.Text()),
    sa.Column("issuer_cn", sa.Text()),
    sa.Column("not_before", sa.DateTime()),
    sa.Column("not_after", sa.DateTime()),
)
names = sa.Table(
    TABLE,
    metadata,
    sa.Column("certificate_id", BIG_ID, primary_key=True),
    sa.Column("name", ascii_text(255), primary_key=True),
    *(sa.Column(name, kind) for name, kind in NEW_COLUMNS.items()),
)


def upgrade() -> None:
    for name, kind in NEW_COLUMNS.items():
        op.add_column(TABLE, sa.Column(name, kind))
    _fill(op.get_bind())
    with op.batch_alter_table(TABLE) as table:
        table.alter_column("name_reversed", existing_type=ascii_text(255), nullable=False)
        table.alter_column("not_before", existing_type=sa.DateTime(), nullable=False)
    for name, columns in INDICES.items():
        op.create_index(f"ix_{TABLE}_{name}", TABLE, columns)
    for column in FORMER_INDICES:
        op.drop_index(f"ix_{TABLE}_{column}", TABLE)


def _fill(connection: sa.Connection) -> None:
    """In the order of the primary key, ROWS_A_TIME at once."""
    last = (0, "")
    while rows := connection.execute(_rows_after(*last)).all():
        connection.execute(
            names.update()
            .where(names.c.certificate_id == sa.bindparam("at_id"), names.c.name == sa.bindparam("at_name"))
            .values({column: sa.bindparam(column) for column in NEW_COLUMNS}),
            [_values(*row) for row in rows],
        )
        last = (rows[-1][0], rows[-1][1])


def _rows_after(number: int, name: str) -> sa.Select[Any]:
    of_names = (names.c.certificate_id, names.c.name)
    of_certificates = tuple(certificates.c[name] for name in ("issuer_o", "issuer_cn", "not_before", "not_after"))
    later = sa.or_(of_names[0] > number, sa.and_(of_names[0] == number, of_names[1] > name))
    joined = sa.select(*of_names, *of_certificates).join_from(names, certificates, certificates.c.id == of_names[0])
    return joined.where(of_names[0] >= number, later).order_by(*of_names).limit(ROWS_A_TIME)


def _values(number: int, name: str, issuer_o: str, issuer_cn: str, not_before: Any, not_after: Any) -> dict[str, Any]:
    return {
        "at_id": number,
        "at_name": name,
        "name_reversed": name[::-1],
        "issuer_o_key": text_key(issuer_o),
        "issuer_cn_key": text_key(issuer_cn),
        "not_before": not_before or UNREADABLE,
        "not_after": not_after,
    }


def downgrade() -> None:
    for column in FORMER_INDICES:
        op.create_index(f"ix_{TABLE}_{column}", TABLE, [column])
    for name in INDICES:
        op.drop_index(f"ix_{TABLE}_{name}", TABLE)
    with op.batch_alter_table(TABLE) as table:
        for name in NEW_COLUMNS:
            table.drop_column(name)

"""The first tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0001"
down_revision = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BLOB = sa.LargeBinary().with_variant(mysql.MEDIUMBLOB(), "mysql", "mariadb")
MOMENT = sa.DateTime().with_variant(mysql.DATETIME(fsp=3), "mysql", "mariadb")
LONG_TEXT = sa.Text().with_variant(mysql.MEDIUMTEXT(charset="utf8mb4", collation="utf8mb4_bin"), "mysql", "mariadb")
TABLE_OPTIONS = {
    f"{dialect}_{option}": value
    for dialect in ("mysql", "mariadb")
    for option, value in (("engine", "InnoDB"), ("charset", "utf8mb4"), ("collate", "utf8mb4_bin"))
}


def ascii_text(length: int) -> sa.types.TypeEngine[str]:
    text = mysql.VARCHAR(length, charset="ascii", collation="ascii_bin")
    return sa.String(length).with_variant(text, "mysql", "mariadb")


metadata = sa.MetaData()
sa.Table(
    "certificates",
    metadata,
    sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
    sa.Column("identity", ascii_text(64), nullable=False),
    sa.Column("serial", ascii_text(512)),
    sa.Column("issuer_dn", LONG_TEXT),
    sa.Column("issuer_cn", LONG_TEXT),
    sa.Column("issuer_o", LONG_TEXT),
    sa.Column("issuer_key_hash", ascii_text(64)),
    sa.Column("authority_key_id", LONG_TEXT),
    sa.Column("subject_dn", LONG_TEXT),
    sa.Column("common_name", LONG_TEXT),
    sa.Column("organization", LONG_TEXT),
    sa.Column("not_before", sa.DateTime()),
    sa.Column("not_after", sa.DateTime()),
    sa.Column("key_type", sa.String(length=64)),
    sa.Column("key_bits", sa.Integer()),
    sa.Column("spki_hash", ascii_text(64)),
    sa.Column("tbs_hash", ascii_text(64), nullable=False),
    sa.Column("signature_algorithm", sa.String(length=128)),
    sa.Column("policy_oids", sa.JSON(), nullable=False),
    sa.Column("sct_list", sa.JSON()),
    sa.Column("san_names", sa.JSON(), nullable=False),
    sa.Column("faults", sa.JSON(), nullable=False),
    sa.Column("is_precert_seen", sa.Boolean(), nullable=False),
    sa.Column("is_final_seen", sa.Boolean(), nullable=False),
    sa.Column("first_log_id", ascii_text(64), nullable=False),
    sa.Column("first_leaf_index", sa.BigInteger(), nullable=False),
    sa.Column("first_seen_at", MOMENT, nullable=False),
    sa.PrimaryKeyConstraint("id", name="pk_certificates"),
    sa.UniqueConstraint("identity", name="uq_certificates_identity"),
    sa.Index("ix_certificates_not_after", "not_after"),
    sa.Index("ix_certificates_not_before", "not_before"),
    sa.Index("ix_certificates_serial", "serial"),
    sa.Index("ix_certificates_spki_hash", "spki_hash"),
    sa.Index("ix_certificates_tbs_hash", "tbs_hash"),
    **TABLE_OPTIONS,
)
sa.Table(
    "daily_counts",
    metadata,
    sa.Column("day", sa.Date(), nullable=False),
    sa.Column("log_name", sa.String(length=191), nullable=False),
    sa.Column("entries", sa.BigInteger(), nullable=False),
    sa.Column("uploaded", sa.BigInteger(), nullable=False),
    sa.Column("registered", sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint("day", "log_name", name="pk_daily_counts"),
    **TABLE_OPTIONS,
)
sa.Table(
    "guards",
    metadata,
    sa.Column("job", ascii_text(32), nullable=False),
    sa.Column("holder", sa.String(length=191), nullable=False),
    sa.Column("until", MOMENT, nullable=False),
    sa.PrimaryKeyConstraint("job", name="pk_guards"),
    **TABLE_OPTIONS,
)
sa.Table(
    "logs",
    metadata,
    sa.Column("log_id", ascii_text(64), nullable=False),
    sa.Column("name", sa.String(length=191), nullable=False),
    sa.Column("description", sa.String(length=255), nullable=False),
    sa.Column("operator", sa.String(length=191), nullable=False),
    sa.Column("queue", ascii_text(32), nullable=False),
    sa.Column("kind", ascii_text(16), nullable=False),
    sa.Column("url", sa.String(length=512), nullable=False),
    sa.Column("key", sa.LargeBinary(length=1024), nullable=False),
    sa.Column("mmd_seconds", sa.Integer(), nullable=False),
    sa.Column("state", sa.String(length=32)),
    sa.Column("state_since", MOMENT),
    sa.Column("reachable", sa.Boolean()),
    sa.Column("reachable_since", MOMENT),
    sa.Column("interval_start", MOMENT),
    sa.Column("interval_end", MOMENT),
    sa.Column("tree_size", sa.BigInteger(), nullable=False),
    sa.Column("root_hash", ascii_text(64)),
    sa.Column("head_timestamp", MOMENT),
    sa.Column("batch_entries", sa.Integer(), nullable=False),
    sa.Column("subrange_entries", sa.Integer(), nullable=False),
    sa.Column("enabled", sa.Boolean(), nullable=False),
    sa.Column("paused", sa.Boolean(), nullable=False),
    sa.Column("rest_until", MOMENT),
    sa.Column("rest_seconds", sa.Float(), nullable=False),
    sa.Column("last_fault", sa.String(length=255)),
    sa.Column("entries_done", sa.BigInteger(), nullable=False),
    sa.Column("entries_verified", sa.BigInteger(), nullable=False),
    sa.Column("sightings", sa.BigInteger(), nullable=False),
    sa.Column("certificates", sa.BigInteger(), nullable=False),
    sa.Column("malformed", sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint("log_id", name="pk_logs"),
    sa.UniqueConstraint("name", name="uq_logs_name"),
    **TABLE_OPTIONS,
)
sa.Table(
    "workers",
    metadata,
    sa.Column("name", sa.String(length=191), nullable=False),
    sa.Column("friend", sa.String(length=64), nullable=False),
    sa.Column("host", sa.String(length=191), nullable=False),
    sa.Column("version", sa.String(length=32), nullable=False),
    sa.Column("queues", sa.String(length=255), nullable=False),
    sa.Column("first_seen", MOMENT, nullable=False),
    sa.Column("last_seen", MOMENT, nullable=False),
    sa.Column("running", sa.Boolean(), nullable=False),
    sa.Column("trust", ascii_text(16), nullable=False),
    sa.PrimaryKeyConstraint("name", name="pk_workers"),
    sa.Index("ix_workers_friend", "friend"),
    **TABLE_OPTIONS,
)
sa.Table(
    "certificate_names",
    metadata,
    sa.Column("certificate_id", BIG_ID, nullable=False),
    sa.Column("name", ascii_text(255), nullable=False),
    sa.Column("registered_domain", ascii_text(253)),
    sa.Column("organisation_type", ascii_text(16), nullable=False),
    sa.ForeignKeyConstraint(["certificate_id"], ["certificates.id"], name="fk_certificate_names_certificate_id"),
    sa.PrimaryKeyConstraint("certificate_id", "name", name="pk_certificate_names"),
    sa.Index("ix_certificate_names_name", "name"),
    sa.Index("ix_certificate_names_registered_domain", "registered_domain"),
    **TABLE_OPTIONS,
)
sa.Table(
    "contributions",
    metadata,
    sa.Column("worker", sa.String(length=191), nullable=False),
    sa.Column("log_id", ascii_text(64), nullable=False),
    sa.Column("day", sa.Date(), nullable=False),
    sa.Column("entries", sa.BigInteger(), nullable=False),
    sa.Column("certificates", sa.BigInteger(), nullable=False),
    sa.Column("requests", sa.BigInteger(), nullable=False),
    sa.Column("throttled", sa.BigInteger(), nullable=False),
    sa.Column("bytes", sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(["log_id"], ["logs.log_id"], name="fk_contributions_log_id"),
    sa.PrimaryKeyConstraint("worker", "log_id", "day", name="pk_contributions"),
    **TABLE_OPTIONS,
)
sa.Table(
    "leases",
    metadata,
    sa.Column("log_id", ascii_text(64), nullable=False),
    sa.Column("start_index", sa.BigInteger(), nullable=False),
    sa.Column("end_index", sa.BigInteger(), nullable=False),
    sa.Column("range_start", sa.BigInteger(), nullable=False),
    sa.Column("queue", ascii_text(32), nullable=False),
    sa.Column("issued_at", MOMENT, nullable=False),
    sa.Column("issued_until", MOMENT, nullable=False),
    sa.ForeignKeyConstraint(["log_id"], ["logs.log_id"], name="fk_leases_log_id"),
    sa.PrimaryKeyConstraint("log_id", "start_index", name="pk_leases"),
    sa.Index("ix_leases_queue_issued_until", "queue", "issued_until"),
    **TABLE_OPTIONS,
)
sa.Table(
    "malformed",
    metadata,
    sa.Column("log_id", ascii_text(64), nullable=False),
    sa.Column("leaf_index", sa.BigInteger(), nullable=False),
    sa.Column("reason", sa.String(length=255), nullable=False),
    sa.Column("leaf", BLOB, nullable=False),
    sa.ForeignKeyConstraint(["log_id"], ["logs.log_id"], name="fk_malformed_log_id"),
    sa.PrimaryKeyConstraint("log_id", "leaf_index", name="pk_malformed"),
    **TABLE_OPTIONS,
)
sa.Table(
    "pace_counts",
    metadata,
    sa.Column("bucket_start", sa.BigInteger(), nullable=False),
    sa.Column("log_id", ascii_text(64), nullable=False),
    sa.Column("worker", sa.String(length=191), nullable=False),
    sa.Column("entries", sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(["log_id"], ["logs.log_id"], name="fk_pace_counts_log_id"),
    sa.PrimaryKeyConstraint("bucket_start", "log_id", "worker", name="pk_pace_counts"),
    **TABLE_OPTIONS,
)
sa.Table(
    "ranges",
    metadata,
    sa.Column("log_id", ascii_text(64), nullable=False),
    sa.Column("start_index", sa.BigInteger(), nullable=False),
    sa.Column("end_index", sa.BigInteger(), nullable=False),
    sa.Column("state", ascii_text(16), nullable=False),
    sa.Column("units_done", sa.LargeBinary(length=512), nullable=False),
    sa.Column("first_leaf_hash", ascii_text(64)),
    sa.Column("issued_until", MOMENT),
    sa.Column("attempts", sa.Integer(), nullable=False),
    sa.Column("audit_after", MOMENT),
    sa.Column("audit_attempts", sa.Integer(), nullable=False),
    sa.Column("verified_at", MOMENT),
    sa.ForeignKeyConstraint(["log_id"], ["logs.log_id"], name="fk_ranges_log_id"),
    sa.PrimaryKeyConstraint("log_id", "start_index", name="pk_ranges"),
    sa.Index("ix_ranges_state_log_id_issued_until", "state", "log_id", "issued_until"),
    **TABLE_OPTIONS,
)
sa.Table(
    "sightings",
    metadata,
    sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
    sa.Column("log_id", ascii_text(64), nullable=False),
    sa.Column("log_name", sa.String(length=191), nullable=False),
    sa.Column("leaf_index", sa.BigInteger(), nullable=False),
    sa.Column("leaf_timestamp", MOMENT),
    sa.Column("entry_type", ascii_text(8), nullable=False),
    sa.Column("certificate_id", BIG_ID, nullable=False),
    sa.Column("friend", sa.String(length=64), nullable=False),
    sa.Column("worker", sa.String(length=191), nullable=False),
    sa.Column("leaf_file", sa.String(length=512), nullable=False),
    sa.Column("collected_at", MOMENT, nullable=False),
    sa.ForeignKeyConstraint(["certificate_id"], ["certificates.id"], name="fk_sightings_certificate_id"),
    sa.ForeignKeyConstraint(["log_id"], ["logs.log_id"], name="fk_sightings_log_id"),
    sa.PrimaryKeyConstraint("id", name="pk_sightings"),
    sa.UniqueConstraint("log_id", "leaf_index", name="uq_sightings_log_id_leaf_index"),
    sa.Index("ix_sightings_certificate_id_log_id", "certificate_id", "log_id"),
    **TABLE_OPTIONS,
)
sa.Table(
    "subtrees",
    metadata,
    sa.Column("log_id", ascii_text(64), nullable=False),
    sa.Column("level", sa.Integer(), nullable=False),
    sa.Column("node_index", sa.BigInteger(), nullable=False),
    sa.Column("start_index", sa.BigInteger(), nullable=False),
    sa.Column("hash", ascii_text(64), nullable=False),
    sa.ForeignKeyConstraint(["log_id"], ["logs.log_id"], name="fk_subtrees_log_id"),
    sa.PrimaryKeyConstraint("log_id", "level", "node_index", name="pk_subtrees"),
    sa.Index("ix_subtrees_log_id_start_index", "log_id", "start_index"),
    **TABLE_OPTIONS,
)
sa.Table(
    "tree_heads",
    metadata,
    sa.Column("log_id", ascii_text(64), nullable=False),
    sa.Column("tree_size", sa.BigInteger(), nullable=False),
    sa.Column("root_hash", ascii_text(64), nullable=False),
    sa.Column("timestamp_ms", sa.BigInteger(), nullable=False),
    sa.Column("signature", sa.LargeBinary(length=1024), nullable=False),
    sa.Column("seen_at", MOMENT, nullable=False),
    sa.ForeignKeyConstraint(["log_id"], ["logs.log_id"], name="fk_tree_heads_log_id"),
    sa.PrimaryKeyConstraint("log_id", "tree_size", "root_hash", name="pk_tree_heads"),
    **TABLE_OPTIONS,
)
sa.Table(
    "windows",
    metadata,
    sa.Column("log_id", ascii_text(64), nullable=False),
    sa.Column("start_index", sa.BigInteger(), nullable=False),
    sa.Column("end_index", sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(["log_id"], ["logs.log_id"], name="fk_windows_log_id"),
    sa.PrimaryKeyConstraint("log_id", "start_index", name="pk_windows"),
    **TABLE_OPTIONS,
)


def upgrade() -> None:
    metadata.create_all(op.get_bind())


def downgrade() -> None:
    metadata.drop_all(op.get_bind())

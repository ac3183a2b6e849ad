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


def upgrade() -> None:
    op.create_table(
        "certificates",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("identity", ascii_text(64), nullable=False),
        sa.Column("serial", ascii_text(512), nullable=False),
        sa.Column("issuer_dn", LONG_TEXT, nullable=False),
        sa.Column("issuer_cn", LONG_TEXT, nullable=True),
        sa.Column("issuer_o", LONG_TEXT, nullable=True),
        sa.Column("issuer_key_hash", ascii_text(64), nullable=True),
        sa.Column("authority_key_id", LONG_TEXT, nullable=True),
        sa.Column("subject_dn", LONG_TEXT, nullable=False),
        sa.Column("common_name", LONG_TEXT, nullable=True),
        sa.Column("organization", LONG_TEXT, nullable=True),
        sa.Column("not_before", sa.DateTime(), nullable=True),
        sa.Column("not_after", sa.DateTime(), nullable=True),
        sa.Column("key_type", sa.String(length=64), nullable=True),
        sa.Column("key_bits", sa.Integer(), nullable=True),
        sa.Column("spki_hash", ascii_text(64), nullable=True),
        sa.Column("tbs_hash", ascii_text(64), nullable=False),
        sa.Column("signature_algorithm", sa.String(length=128), nullable=True),
        sa.Column("policy_oids", sa.JSON(), nullable=False),
        sa.Column("sct_list", sa.JSON(), nullable=True),
        sa.Column("san_names", sa.JSON(), nullable=False),
        sa.Column("faults", sa.JSON(), nullable=False),
        sa.Column("is_precert_seen", sa.Boolean(), nullable=False),
        sa.Column("is_final_seen", sa.Boolean(), nullable=False),
        sa.Column("first_log_id", ascii_text(64), nullable=False),
        sa.Column("first_leaf_index", sa.BigInteger(), nullable=False),
        sa.Column("first_seen_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificates")),
        sa.UniqueConstraint("identity", name=op.f("uq_certificates_identity")),
        **TABLE_OPTIONS,
    )
    op.create_index(op.f("ix_certificates_not_after"), "certificates", ["not_after"], unique=False)
    op.create_index(op.f("ix_certificates_not_before"), "certificates", ["not_before"], unique=False)
    op.create_index(op.f("ix_certificates_serial"), "certificates", ["serial"], unique=False)
    op.create_index(op.f("ix_certificates_spki_hash"), "certificates", ["spki_hash"], unique=False)
    op.create_index(op.f("ix_certificates_tbs_hash"), "certificates", ["tbs_hash"], unique=False)
    op.create_table(
        "daily_counts",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("log_name", sa.String(length=191), nullable=False),
        sa.Column("entries", sa.BigInteger(), nullable=False),
        sa.Column("uploaded", sa.BigInteger(), nullable=False),
        sa.Column("registered", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", "log_name", name=op.f("pk_daily_counts")),
        **TABLE_OPTIONS,
    )
    op.create_table(
        "guards",
        sa.Column("job", ascii_text(32), nullable=False),
        sa.Column("holder", sa.String(length=191), nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("job", name=op.f("pk_guards")),
        **TABLE_OPTIONS,
    )
    op.create_table(
        "logs",
        sa.Column("log_id", ascii_text(64), nullable=False),
        sa.Column("name", sa.String(length=191), nullable=False),
        sa.Column("description", sa.String(length=255), nullable=False),
        sa.Column("operator", sa.String(length=191), nullable=False),
        sa.Column("queue", ascii_text(32), nullable=False),
        sa.Column("kind", ascii_text(16), nullable=False),
        sa.Column("url", sa.String(length=512), nullable=False),
        sa.Column("key", sa.LargeBinary(length=1024), nullable=False),
        sa.Column("mmd_seconds", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=True),
        sa.Column("state_since", MOMENT, nullable=True),
        sa.Column("reachable", sa.Boolean(), nullable=True),
        sa.Column("reachable_since", MOMENT, nullable=True),
        sa.Column("interval_start", MOMENT, nullable=True),
        sa.Column("interval_end", MOMENT, nullable=True),
        sa.Column("tree_size", sa.BigInteger(), nullable=False),
        sa.Column("root_hash", ascii_text(64), nullable=True),
        sa.Column("head_timestamp", MOMENT, nullable=True),
        sa.Column("batch_entries", sa.Integer(), nullable=False),
        sa.Column("subrange_entries", sa.Integer(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("rest_until", MOMENT, nullable=True),
        sa.Column("rest_seconds", sa.Float(), nullable=False),
        sa.Column("last_fault", sa.String(length=255), nullable=True),
        sa.Column("entries_done", sa.BigInteger(), nullable=False),
        sa.Column("entries_verified", sa.BigInteger(), nullable=False),
        sa.Column("sightings", sa.BigInteger(), nullable=False),
        sa.Column("certificates", sa.BigInteger(), nullable=False),
        sa.Column("malformed", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("log_id", name=op.f("pk_logs")),
        sa.UniqueConstraint("name", name=op.f("uq_logs_name")),
        **TABLE_OPTIONS,
    )
    op.create_table(
        "workers",
        sa.Column("name", sa.String(length=191), nullable=False),
        sa.Column("friend", sa.String(length=64), nullable=False),
        sa.Column("host", sa.String(length=191), nullable=False),
        sa.Column("version", sa.String(length=32), nullable=False),
        sa.Column("queues", sa.String(length=255), nullable=False),
        sa.Column("first_seen", MOMENT, nullable=False),
        sa.Column("last_seen", MOMENT, nullable=False),
        sa.Column("running", sa.Boolean(), nullable=False),
        sa.Column("trust", ascii_text(16), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_workers")),
        **TABLE_OPTIONS,
    )
    op.create_index(op.f("ix_workers_friend"), "workers", ["friend"], unique=False)
    op.create_table(
        "certificate_names",
        sa.Column("certificate_id", BIG_ID, nullable=False),
        sa.Column("name", ascii_text(255), nullable=False),
        sa.Column("registered_domain", ascii_text(253), nullable=True),
        sa.Column("organisation_type", ascii_text(16), nullable=False),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["certificates.id"], name=op.f("fk_certificate_names_certificate_id")
        ),
        sa.PrimaryKeyConstraint("certificate_id", "name", name=op.f("pk_certificate_names")),
        **TABLE_OPTIONS,
    )
    op.create_index(op.f("ix_certificate_names_name"), "certificate_names", ["name"], unique=False)
    op.create_index(
        op.f("ix_certificate_names_registered_domain"),
        "certificate_names",
        ["registered_domain"],
        unique=False,
    )
    op.create_table(
        "contributions",
        sa.Column("worker", sa.String(length=191), nullable=False),
        sa.Column("log_id", ascii_text(64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("entries", sa.BigInteger(), nullable=False),
        sa.Column("certificates", sa.BigInteger(), nullable=False),
        sa.Column("requests", sa.BigInteger(), nullable=False),
        sa.Column("throttled", sa.BigInteger(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["log_id"], ["logs.log_id"], name=op.f("fk_contributions_log_id")),
        sa.PrimaryKeyConstraint("worker", "log_id", "day", name=op.f("pk_contributions")),
        **TABLE_OPTIONS,
    )
    op.create_table(
        "leases",
        sa.Column("log_id", ascii_text(64), nullable=False),
        sa.Column("start_index", sa.BigInteger(), nullable=False),
        sa.Column("end_index", sa.BigInteger(), nullable=False),
        sa.Column("range_start", sa.BigInteger(), nullable=False),
        sa.Column("queue", ascii_text(32), nullable=False),
        sa.Column("issued_at", MOMENT, nullable=False),
        sa.Column("issued_until", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["log_id"], ["logs.log_id"], name=op.f("fk_leases_log_id")),
        sa.PrimaryKeyConstraint("log_id", "start_index", name=op.f("pk_leases")),
        **TABLE_OPTIONS,
    )
    op.create_index(op.f("ix_leases_queue_issued_until"), "leases", ["queue", "issued_until"], unique=False)
    op.create_table(
        "malformed",
        sa.Column("log_id", ascii_text(64), nullable=False),
        sa.Column("leaf_index", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=255), nullable=False),
        sa.Column("leaf", BLOB, nullable=False),
        sa.ForeignKeyConstraint(["log_id"], ["logs.log_id"], name=op.f("fk_malformed_log_id")),
        sa.PrimaryKeyConstraint("log_id", "leaf_index", name=op.f("pk_malformed")),
        **TABLE_OPTIONS,
    )
    op.create_table(
        "pace_counts",
        sa.Column("bucket_start", sa.BigInteger(), nullable=False),
        sa.Column("log_id", ascii_text(64), nullable=False),
        sa.Column("worker", sa.String(length=191), nullable=False),
        sa.Column("entries", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["log_id"], ["logs.log_id"], name=op.f("fk_pace_counts_log_id")),
        sa.PrimaryKeyConstraint("bucket_start", "log_id", "worker", name=op.f("pk_pace_counts")),
        **TABLE_OPTIONS,
    )
    op.create_table(
        "ranges",
        sa.Column("log_id", ascii_text(64), nullable=False),
        sa.Column("start_index", sa.BigInteger(), nullable=False),
        sa.Column("end_index", sa.BigInteger(), nullable=False),
        sa.Column("state", ascii_text(16), nullable=False),
        sa.Column("units_done", sa.LargeBinary(length=512), nullable=False),
        sa.Column("first_leaf_hash", ascii_text(64), nullable=True),
        sa.Column("issued_until", MOMENT, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("audit_after", MOMENT, nullable=True),
        sa.Column("audit_attempts", sa.Integer(), nullable=False),
        sa.Column("verified_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["log_id"], ["logs.log_id"], name=op.f("fk_ranges_log_id")),
        sa.PrimaryKeyConstraint("log_id", "start_index", name=op.f("pk_ranges")),
        **TABLE_OPTIONS,
    )
    op.create_index(
        op.f("ix_ranges_state_log_id_issued_until"),
        "ranges",
        ["state", "log_id", "issued_until"],
        unique=False,
    )
    op.create_table(
        "sightings",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("log_id", ascii_text(64), nullable=False),
        sa.Column("log_name", sa.String(length=191), nullable=False),
        sa.Column("leaf_index", sa.BigInteger(), nullable=False),
        sa.Column("leaf_timestamp", MOMENT, nullable=True),
        sa.Column("entry_type", ascii_text(8), nullable=False),
        sa.Column("certificate_id", BIG_ID, nullable=False),
        sa.Column("friend", sa.String(length=64), nullable=False),
        sa.Column("worker", sa.String(length=191), nullable=False),
        sa.Column("leaf_file", sa.String(length=512), nullable=False),
        sa.Column("collected_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["certificate_id"], ["certificates.id"], name=op.f("fk_sightings_certificate_id")),
        sa.ForeignKeyConstraint(["log_id"], ["logs.log_id"], name=op.f("fk_sightings_log_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sightings")),
        sa.UniqueConstraint("log_id", "leaf_index", name=op.f("uq_sightings_log_id_leaf_index")),
        **TABLE_OPTIONS,
    )
    op.create_index(op.f("ix_sightings_certificate_id_log_id"), "sightings", ["certificate_id", "log_id"], unique=False)
    op.create_table(
        "subtrees",
        sa.Column("log_id", ascii_text(64), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("node_index", sa.BigInteger(), nullable=False),
        sa.Column("start_index", sa.BigInteger(), nullable=False),
        sa.Column("hash", ascii_text(64), nullable=False),
        sa.ForeignKeyConstraint(["log_id"], ["logs.log_id"], name=op.f("fk_subtrees_log_id")),
        sa.PrimaryKeyConstraint("log_id", "level", "node_index", name=op.f("pk_subtrees")),
        **TABLE_OPTIONS,
    )
    op.create_index(op.f("ix_subtrees_log_id_start_index"), "subtrees", ["log_id", "start_index"], unique=False)
    op.create_table(
        "tree_heads",
        sa.Column("log_id", ascii_text(64), nullable=False),
        sa.Column("tree_size", sa.BigInteger(), nullable=False),
        sa.Column("root_hash", ascii_text(64), nullable=False),
        sa.Column("timestamp_ms", sa.BigInteger(), nullable=False),
        sa.Column("signature", sa.LargeBinary(length=1024), nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["log_id"], ["logs.log_id"], name=op.f("fk_tree_heads_log_id")),
        sa.PrimaryKeyConstraint("log_id", "tree_size", "root_hash", name=op.f("pk_tree_heads")),
        **TABLE_OPTIONS,
    )
    op.create_table(
        "windows",
        sa.Column("log_id", ascii_text(64), nullable=False),
        sa.Column("start_index", sa.BigInteger(), nullable=False),
        sa.Column("end_index", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["log_id"], ["logs.log_id"], name=op.f("fk_windows_log_id")),
        sa.PrimaryKeyConstraint("log_id", "start_index", name=op.f("pk_windows")),
        **TABLE_OPTIONS,
    )


def downgrade() -> None:
    op.drop_table("windows")
    op.drop_table("tree_heads")
    op.drop_index(op.f("ix_subtrees_log_id_start_index"), table_name="subtrees")
    op.drop_table("subtrees")
    op.drop_index(op.f("ix_sightings_certificate_id_log_id"), table_name="sightings")
    op.drop_table("sightings")
    op.drop_index(op.f("ix_ranges_state_log_id_issued_until"), table_name="ranges")
    op.drop_table("ranges")
    op.drop_table("pace_counts")
    op.drop_table("malformed")
    op.drop_index(op.f("ix_leases_queue_issued_until"), table_name="leases")
    op.drop_table("leases")
    op.drop_table("contributions")
    op.drop_index(op.f("ix_certificate_names_registered_domain"), table_name="certificate_names")
    op.drop_index(op.f("ix_certificate_names_name"), table_name="certificate_names")
    op.drop_table("certificate_names")
    op.drop_index(op.f("ix_workers_friend"), table_name="workers")
    op.drop_table("workers")
    op.drop_table("logs")
    op.drop_table("guards")
    op.drop_table("daily_counts")
    op.drop_index(op.f("ix_certificates_tbs_hash"), table_name="certificates")
    op.drop_index(op.f("ix_certificates_spki_hash"), table_name="certificates")
    op.drop_index(op.f("ix_certificates_serial"), table_name="certificates")
    op.drop_index(op.f("ix_certificates_not_before"), table_name="certificates")
    op.drop_index(op.f("ix_certificates_not_after"), table_name="certificates")
    op.drop_table("certificates")

"""A database full of certificates for bench_export.py, made inside MariaDB: each row is a function of its number.

Eight to nine certificates a domain, one every 60 days, two names each; every fifth has two sightings.
"""

from hashlib import sha256

from sqlalchemy import text
from sqlalchemy.engine import Connection

from ctcollect.models import LogRow
from ctcollect.store import Store, schema

ROWS_A_STATEMENT = 200_000
LOGS = 20
RANGE_ENTRIES = 131_072
CERTIFICATES_A_DOMAIN = 8
# Spread over the ranges of a log as .jp entries are: about one entry in a hundred.
INDEX_STEP = 100

# {domains}: how many there are; d: the number of the domain, g: which certificate of it; t: when it was issued.
ROWS = """
SELECT seq, seq % {domains} AS d, seq DIV {domains} AS g, SHA2(CONCAT('{seed}/', seq), 256) AS h,
       TIMESTAMP('2022-01-01') + INTERVAL (seq % {domains}) % 86400 SECOND
       + INTERVAL (seq DIV {domains}) * 60 DAY + INTERVAL CRC32(seq) % 40000 SECOND AS t
FROM seq_{first}_to_{last}
"""
CERTIFICATES = """
INSERT INTO certificates (id, identity, serial, issuer_dn, issuer_cn, issuer_o, issuer_key_hash, authority_key_id,
    subject_dn, common_name, organization, not_before, not_after, key_type, key_bits, spki_hash, tbs_hash,
    signature_algorithm, policy_oids, sct_list, san_names, faults, is_precert_seen, is_final_seen, first_log_id,
    first_leaf_index, first_seen_at)
SELECT seq, h, SUBSTR(h, 1, 36), CONCAT('CN=R', d % 7, ',O=CA ', d % 5, ',C=US'), CONCAT('R', d % 7),
    CONCAT('CA ', d % 5), SHA2(d % 7, 256), SUBSTR(SHA2(d % 7, 256), 1, 40), CONCAT('CN=d', d, '.co.jp'),
    CONCAT('d', d, '.co.jp'), NULL, t - INTERVAL 1 HOUR, t + INTERVAL 90 DAY, 'RSA', 2048, SHA2(CONCAT('k', h), 256),
    SHA2(CONCAT('t', h), 256), 'sha256WithRSAEncryption', '["2.23.140.1.2.1"]',
    CONCAT('[["', SHA2(CONCAT('log', d % {logs}), 256), '", ', 1000 * UNIX_TIMESTAMP(t) + seq % 1000, '], ["',
           SHA2(CONCAT('log', (d + 1) % {logs}), 256), '", ', 1000 * UNIX_TIMESTAMP(t) + seq % 1000 + 7, ']]'),
    CONCAT('["d', d, '.co.jp", "www.d', d, '.co.jp"]'), '[]', 1, seq % 2, SHA2(CONCAT('log', d % {logs}), 256),
    (seq DIV {logs}) * {step}, TIMESTAMP('2026-09-01') + INTERVAL seq DIV 2 SECOND
FROM ({rows}) AS made
"""
NAMES = """
INSERT INTO certificate_names (certificate_id, name, registered_domain, organisation_type, name_reversed, issuer_o_key,
    issuer_cn_key, not_before, not_after)
SELECT seq, CONCAT(prefix, 'd', d, '.co.jp'), CONCAT('d', d, '.co.jp'), 'co', REVERSE(CONCAT(prefix, 'd', d, '.co.jp')),
    d % 5, d % 7, t - INTERVAL 1 HOUR, t + INTERVAL 90 DAY
FROM ({rows}) AS made JOIN (SELECT '' AS prefix UNION SELECT 'www.') AS twice ON prefix = '' OR seq % 5 = 0
"""
SIGHTINGS = """
INSERT INTO sightings (log_id, log_name, leaf_index, leaf_timestamp, entry_type, certificate_id, friend, worker,
    leaf_file, collected_at)
SELECT SHA2(CONCAT('log', (seq + second) % {logs}), 256), CONCAT('log', (seq + second) % {logs}),
    (seq DIV {logs}) * {step} + second, t, 'precert', seq, CONCAT('friend', d % 9), CONCAT('friend', d % 9, '@host'),
    CONCAT('log', seq % {logs}, '.example/', LPAD(seq DIV {logs} * {step} DIV 1024, 12, '0'), '.jsonl.zst'),
    TIMESTAMP('2026-09-01') + INTERVAL seq DIV 2 SECOND
FROM ({rows}) AS made JOIN (SELECT 0 AS second UNION SELECT 1) AS twice ON second = 0 OR seq % 5 = 0
"""
RANGES = """
INSERT INTO ranges (log_id, start_index, end_index, state, units_done, attempts, audit_attempts, verified_at)
SELECT SHA2(CONCAT('log', number.seq), 256), at.seq * {range}, (at.seq + 1) * {range}, 'verified',
    REPEAT(CHAR(255), 512), 1, 1, '2026-09-01' FROM seq_0_to_{last_log} AS number, seq_0_to_{last_range} AS at
"""


def fill(store: Store, certificates: int, seed: int = 1) -> None:
    """A new database with so many certificates, 1.2 times as many names and sightings, LOGS logs, verified ranges."""
    schema.upgrade(store)
    with store.transaction() as session:
        session.add_all(_log(number) for number in range(LOGS))
    with store.engine.connect() as connection:
        # The script's own database: nobody minds that a crash would lose it.
        connection.exec_driver_sql("SET unique_checks=0, foreign_key_checks=0")
        for first in range(0, certificates, ROWS_A_STATEMENT):
            _insert(connection, seed, certificates, first, min(first + ROWS_A_STATEMENT, certificates) - 1)
        ranges = certificates // LOGS * INDEX_STEP // RANGE_ENTRIES + 1
        statement = RANGES.format(range=RANGE_ENTRIES, last_log=LOGS - 1, last_range=ranges - 1)
        connection.execute(text(statement))
        connection.commit()


def _insert(connection: Connection, seed: int, certificates: int, first: int, last: int) -> None:
    domains = max(1, certificates // CERTIFICATES_A_DOMAIN)
    rows = ROWS.format(seed=seed, domains=domains, first=first + 1, last=last + 1)
    for statement in (CERTIFICATES, NAMES, SIGHTINGS):
        connection.exec_driver_sql(statement.format(rows=rows, logs=LOGS, step=INDEX_STEP).replace("%", "%%"))
    connection.commit()


def _log(number: int) -> LogRow:
    return LogRow(
        log_id=sha256(f"log{number}".encode()).hexdigest(),
        name=f"log{number}",
        operator="Bench",
        queue="google",
        kind="rfc6962",
        url=f"https://log{number}.example/",
        key=b"key",
        batch_entries=32,
        subrange_entries=1024,
    )

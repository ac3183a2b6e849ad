"""Many rows in no time: a MariaDB database in which a scan of a table could not be overlooked."""

import time

from sqlalchemy import text

from ctcollect.store import Store, schema

CERTIFICATES, RANGES, LOGS = 20_000, 6_000, 3
HOUR = 3600

# seq_1_to_N is a table of MariaDB's own: numbers without rows.
STATEMENTS = (
    """INSERT INTO logs (log_id, name, operator, queue, kind, url, `key`, batch_entries, subrange_entries, mmd_seconds,
       description, tree_size, enabled, paused, rest_seconds, entries_done, entries_verified, sightings, certificates,
       malformed)
       SELECT LPAD(seq, 64, '0'), CONCAT('log', seq), 'Google', 'google', 'rfc6962',
       CONCAT('https://ct', seq, '.example/'), 'key', 32, 1024, 86400, '', 1000000000, 1, 0, 0, 1000, 500, 10, 10, 0
       FROM seq_1_to_{logs}""",
    """INSERT INTO windows (log_id, start_index, end_index)
       SELECT LPAD(seq, 64, '0'), 0, 131072 * 2000 FROM seq_1_to_{logs}""",
    """INSERT INTO ranges (log_id, start_index, end_index, state, units_done, attempts, audit_attempts)
       SELECT LPAD(1 + seq % {logs}, 64, '0'), seq * 131072, (seq + 1) * 131072, 'open', '', 0, 0
       FROM seq_1_to_{ranges}""",
    """INSERT INTO certificates (id, identity, tbs_hash, issuer_o, policy_oids, san_names, faults, is_precert_seen,
       is_final_seen, first_log_id, first_leaf_index, first_seen_at)
       SELECT seq, SHA2(seq, 256), SHA2(seq, 256), 'CA', '[]', '[]', '[]', 1, 0, LPAD(1 + seq % {logs}, 64, '0'), seq,
       NOW() FROM seq_1_to_{certificates}""",
    """INSERT INTO certificate_names (certificate_id, name, name_reversed, registered_domain,
       organisation_type, not_before)
       SELECT seq, CONCAT('www.', seq, '.jp'), CONCAT('pj.', REVERSE(seq), '.www'), CONCAT(seq, '.jp'), 'general', NOW()
       FROM seq_1_to_{certificates}""",
    """INSERT INTO sightings (log_id, log_name, leaf_index, entry_type, certificate_id, friend, worker, leaf_file,
       collected_at)
       SELECT LPAD(1 + seq % {logs}, 64, '0'), CONCAT('log', 1 + seq % {logs}), seq, 'precert', seq, 'alice',
       'alice@host', 'file', NOW() FROM seq_1_to_{certificates}""",
    """INSERT INTO deliveries (log_id, start_index, end_index, range_start, worker, friend, nodes, recorded_at)
       SELECT LPAD(1 + seq % {logs}, 64, '0'), seq * 1024, (seq + 1) * 1024, 0, 'alice@host', 'alice', '[]', NOW()
       FROM seq_1_to_{certificates}""",
    """INSERT INTO contributions (worker, log_id, day, entries, certificates, requests, throttled, bytes)
       SELECT CONCAT('friend', seq % 100, '@host'), LPAD(1 + seq % {logs}, 64, '0'),
       CURDATE() - INTERVAL seq DIV 300 DAY, 1, 1, 1, 0, 1 FROM seq_1_to_{ranges}""",
    """INSERT INTO refused_harvests (received_at, worker, reason, body)
       SELECT NOW() - INTERVAL seq HOUR, 'alice@host', 'why', '' FROM seq_1_to_{ranges}""",
    """INSERT INTO progress_samples (series, sampled_at, log_id, entries_done, entries_verified, sightings, registered,
       requests, throttled)
       SELECT series.seq * 60, {now} - samples.seq * series.seq * 60, LPAD(logs.seq, 64, '0'), 1000000 - samples.seq, 0,
       0, 0, 0, 0 FROM seq_1_to_2000 AS samples, seq_1_to_{logs} AS logs, seq_1_to_60_step_59 AS series""",
    """INSERT INTO fleet_samples (series, sampled_at, entries_done, entries_verified, sightings, registered, requests,
       throttled) SELECT DISTINCT series, sampled_at, entries_done, 0, 0, 0, 0, 0 FROM progress_samples""",
)
TABLES = (
    "certificates", "certificate_names", "sightings", "ranges", "deliveries", "contributions", "refused_harvests",
    "progress_samples", "fleet_samples",
)  # fmt: skip


def crowded(database_url: str) -> Store:
    """Migrated and filled, with statistics as a database has them that lives for a while."""
    store = Store(database_url)
    schema.upgrade(store)
    numbers = {"logs": LOGS, "ranges": RANGES, "certificates": CERTIFICATES, "now": int(time.time())}
    with store.engine.begin() as connection:
        for statement in STATEMENTS:
            connection.execute(text(statement.format(**numbers)))
    with store.engine.connect() as connection:
        for table in TABLES:
            connection.execute(text(f"ANALYZE TABLE {table} PERSISTENT FOR ALL"))
    return store

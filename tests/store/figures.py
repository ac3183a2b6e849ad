"""A collection as it is after a year, made by the database itself: MariaDB only."""

from sqlalchemy import text

from ctcollect.store import Store

BIG, SMALL = "aa" * 32, "bb" * 32
LENGTH = 131_072
LOG = """
    INSERT INTO logs (log_id, name, description, operator, queue, kind, url, `key`, mmd_seconds, tree_size,
        batch_entries, subrange_entries, enabled, paused, rest_seconds, entries_done, entries_verified, sightings,
        certificates, malformed)
    VALUES (:log_id, :name, '', 'Local', 'google', 'rfc6962', 'https://ct.example/', 'key', 86400, :size,
        32, 1024, 1, 0, 0, 0, 0, 0, 0, 0)"""
# Two thirds are verified, some are full, the last ones open; every friend has a stretch of ten.
RANGE = """
    INSERT INTO ranges (log_id, start_index, end_index, state, units_done, attempts, audit_attempts, brought_by,
        brought_at, audit_path)
    SELECT :log_id, seq * 131072, (seq + 1) * 131072,
        CASE WHEN seq % 30 < 20 THEN 'verified' WHEN seq % 30 < 25 THEN 'full' ELSE 'open' END,
        REPEAT('x', 512), 1, 0, IF(seq % 30 < 25, CONCAT('friend', (seq DIV 10) % 100), NULL),
        IF(seq % 30 < 25, '2024-02-01' + INTERVAL seq SECOND, NULL), JSON_ARRAY(REPEAT('a', 1500))
    FROM (SELECT seq FROM seq_0_to_22999) numbers WHERE seq < :count"""
DELIVERY = """
    INSERT INTO deliveries (log_id, start_index, end_index, range_start, worker, friend, nodes, recorded_at)
    SELECT :log_id, seq * 32768, (seq + 1) * 32768, seq * 32768 - seq * 32768 % 131072,
        CONCAT('friend', seq % 100, '@host'), CONCAT('friend', seq % 100), '[]', '2024-02-01'
    FROM (SELECT seq FROM seq_0_to_91999) numbers WHERE seq < :count * 4"""
HEAD = """
    INSERT INTO tree_heads (log_id, tree_size, root_hash, timestamp_ms, signature, seen_at)
    SELECT :log_id, seq, 'root', UNIX_TIMESTAMP() * 1000 - (22999 - seq) * 600000, 'signature', '2024-02-01'
    FROM seq_0_to_22999 WHERE seq >= 23000 - :count"""
MALFORMED = """
    INSERT INTO malformed (log_id, leaf_index, reason, leaf)
    SELECT :log_id, seq, 'unreadable', 'leaf' FROM seq_0_to_4999"""
OF_EACH_LOG = (RANGE, DELIVERY, HEAD, MALFORMED)
OF_ALL = (
    """
    INSERT INTO workers (name, friend, host, queues, version, first_seen, last_seen, running, trust)
    SELECT CONCAT('friend', seq, '@host'), CONCAT('friend', seq), 'host', 'google', '1', NOW(), NOW(), 1, 'trusted'
    FROM seq_0_to_99""",
    """
    INSERT INTO credit_days (friend, day, entries, certificates)
    SELECT CONCAT('friend', f.seq), CURDATE() - INTERVAL d.seq DAY, 1000 + f.seq, 10
    FROM seq_0_to_99 f JOIN seq_0_to_364 d""",
    """
    INSERT INTO credit_totals (friend, entries, certificates, days)
    SELECT friend, SUM(entries), SUM(certificates), COUNT(*) FROM credit_days GROUP BY friend""",
    """
    INSERT INTO credit_hours (hour, friend, entries, certificates)
    SELECT DATE_FORMAT(NOW(), '%Y-%m-%d %H:00:00') - INTERVAL h.seq HOUR, CONCAT('friend', f.seq), 100, 1
    FROM seq_0_to_99 f JOIN seq_0_to_47 h""",
    """
    INSERT INTO daily_counts (day, log_name, entries, uploaded, registered)
    SELECT CURDATE() - INTERVAL d.seq DAY, IF(l.seq = 0, 'big', CONCAT('log', l.seq)), 1000, 10, 5
    FROM seq_0_to_364 d JOIN seq_0_to_60 l""",
    "ANALYZE TABLE logs, ranges, deliveries, tree_heads, malformed, workers, credit_days, credit_hours, daily_counts",
)


def fill(store: Store, ranges: int, small_ranges: int) -> None:
    """Two logs, ``big`` of so many ranges (at most 23,000) and ``small``, four deliveries a range; 100 friends, a
    year."""
    with store.transaction() as session:
        for log_id, name, count in ((BIG, "big", ranges), (SMALL, "small", small_ranges)):
            values = {"log_id": log_id, "name": name, "count": count, "size": count * LENGTH}
            for statement in (LOG, *OF_EACH_LOG):
                used = {key: value for key, value in values.items() if f":{key}" in statement}
                session.execute(text(statement), used)
        for statement in OF_ALL:
            session.execute(text(statement))

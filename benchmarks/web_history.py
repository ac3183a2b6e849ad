"""The statements that make the past of benchmarks/web_data.py: who brought what on which day, and how it went.

Days and seconds are counted back from ``now``; the numbers of friends and logs are those of the other tables.
"""

from benchmarks.web_statements import LOGS

_LOG = "SHA2(CONCAT('log', l.seq), 256)"
_FRIEND = "CONCAT('friend', f.seq)"
_DAY = "DATE('{now}' + INTERVAL 9 HOUR) - INTERVAL d.seq DAY"
_FRIENDS = "(SELECT seq - 1 AS seq FROM seq_1_to_{friends}) f"
_LOGS = f"seq_0_to_{LOGS - 1} l"
# Counters that have grown evenly until now, ``s.seconds`` ago; a log has one part of LOGS of them.
_COUNTERS = "100000000000 - 900 * s.seconds, 70000000000 - 700 * s.seconds, 12000000 - s.seconds DIV 8, "
_COUNTERS += "10000000 - s.seconds DIV 9, 400000000 - 4 * s.seconds, 9000000 - s.seconds DIV 10"
_LOG_COUNTERS = ", ".join(f"({each}) DIV {LOGS}" for each in _COUNTERS.split(", "))
# A sample a minute for two days, one an hour for ninety.
_SAMPLES = """(SELECT 60 AS series, seq * 60 AS seconds FROM seq_0_to_2879
  UNION ALL SELECT 3600, seq * 3600 FROM seq_0_to_2159) s"""
_AT = "UNIX_TIMESTAMP('{now}') DIV s.series * s.series - s.seconds"
_NAMES = "series, sampled_at, entries_done, entries_verified, sightings, registered, requests, throttled"

HISTORY = (
    f"""INSERT INTO contributions (worker, log_id, day, entries, certificates, requests, throttled, bytes)
SELECT CONCAT({_FRIEND}, '@host'), {_LOG}, {_DAY}, 100000 + f.seq * d.seq, 500 + f.seq, 400, f.seq % 7, 900000000
FROM {_FRIENDS}, {_LOGS}, seq_0_to_59 d""",
    f"""INSERT INTO credits (worker, log_id, day, friend, entries, certificates)
SELECT CONCAT({_FRIEND}, '@host'), {_LOG}, {_DAY}, {_FRIEND}, 90000 + f.seq * d.seq, 400 + f.seq
FROM {_FRIENDS}, {_LOGS}, seq_0_to_59 d""",
    "INSERT INTO credit_days (friend, day, entries, certificates) "
    "SELECT friend, day, SUM(entries), SUM(certificates) FROM credits GROUP BY friend, day",
    "INSERT INTO credit_totals (friend, entries, certificates, days) "
    "SELECT friend, SUM(entries), SUM(certificates), COUNT(*) FROM credit_days GROUP BY friend",
    f"""INSERT INTO credit_hours (hour, friend, entries, certificates)
SELECT DATE_FORMAT('{{now}}' - INTERVAL d.seq HOUR, '%Y-%m-%d %H:00:00'), {_FRIEND}, 5000 + f.seq, 20
FROM {_FRIENDS}, seq_0_to_47 d""",
    f"""INSERT INTO daily_counts (day, log_name, entries, uploaded, registered)
SELECT {_DAY}, logs.name, 10000000 + d.seq, 50000, 40000 FROM logs, seq_0_to_399 d""",
    f"""INSERT INTO pace_counts (bucket_start, log_id, worker, entries, requests, throttled)
SELECT (UNIX_TIMESTAMP('{{now}}') DIV 10 - d.seq) * 10, SHA2(CONCAT('log', f.seq % {LOGS}), 256),
  CONCAT({_FRIEND}, '@host'), 1000 + f.seq, 4, f.seq % 2 FROM {_FRIENDS}, seq_0_to_359 d""",
    f"INSERT INTO fleet_samples ({_NAMES}) SELECT s.series, {_AT}, {_COUNTERS} FROM {_SAMPLES}",
    f"INSERT INTO progress_samples (log_id, {_NAMES}) "
    f"SELECT {_LOG}, s.series, {_AT}, {_LOG_COUNTERS} FROM {_SAMPLES}, {_LOGS}",
    f"""INSERT INTO log_faults (log_id, day, kind, times, last_at, last_text)
SELECT {_LOG}, {_DAY}, 'throttled', 40 + d.seq, '{{now}}' - INTERVAL d.seq DAY, '429 Too Many Requests'
FROM {_LOGS}, seq_0_to_59 d""",
)

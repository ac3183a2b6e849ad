"""The questions that DuckDB answers. The tables are those of ctcollect.export.tables."""

# One row a certificate of an id in [first, end): small enough to group in memory, whatever the collection's size.
ISSUANCES = """
WITH seen AS (
    SELECT certificate_id, list_sort(list(DISTINCT log_id)) AS log_ids,
           min(epoch_ms(leaf_timestamp)) FILTER (entry_type = 'precert') AS precert_ms
    FROM sightings WHERE certificate_id >= $first AND certificate_id < $end GROUP BY certificate_id
), named AS (
    SELECT certificate_id, list_sort(list(DISTINCT name)) AS names,
           list_sort(list(DISTINCT registered_domain) FILTER (registered_domain IS NOT NULL)) AS registered_domains
    FROM certificate_names WHERE certificate_id >= $first AND certificate_id < $end GROUP BY certificate_id
), signed AS (
    SELECT id, list_sort(list(DISTINCT sct.log_id)) AS sct_log_ids,
           min(sct.timestamp_ms) FILTER (sct.timestamp_ms BETWEEN $ct_began_ms AND $time_ends_ms) AS sct_ms
    FROM (SELECT id, unnest(sct_list) AS sct FROM certificates WHERE id >= $first AND id < $end) GROUP BY id
)
SELECT id, identity, issuer_key_hash, serial, issuer_o, issuer_cn, epoch_ms(not_before) // 1000 AS not_before_s,
       epoch_ms(not_after) // 1000 AS not_after_s, least(precert_ms, sct_ms) / 1000 AS issued_at_s,
       CASE WHEN len(san_names) = 0 THEN coalesce(named.names, []) ELSE list_sort(list_distinct(san_names)) END
           AS names,
       coalesce(registered_domains, []) AS registered_domains, spki_hash, policy_oids, log_ids,
       coalesce(sct_log_ids, []) AS sct_log_ids
FROM (SELECT * FROM certificates WHERE id >= $first AND id < $end)
JOIN seen ON seen.certificate_id = id
LEFT JOIN named ON named.certificate_id = id
LEFT JOIN signed USING (id)
"""

LINEAGES = """
SELECT * FROM issuances
WHERE hash(names) % $parts = $part
ORDER BY names, issued_at_s NULLS LAST, not_before_s NULLS LAST, not_after_s NULLS LAST, identity
"""

# Timestamps by range: those of sightings and those that were sampled to find where a window ends.
RANGE_TIMES = """
WITH times AS (
    SELECT log_id, leaf_index // $range_entries AS number, epoch_ms(leaf_timestamp) / 1000 AS at_s
    FROM sightings WHERE leaf_timestamp IS NOT NULL
    UNION ALL SELECT log_id, leaf_index // $range_entries, unnest(timestamps_ms) / 1000 FROM timestamp_samples
), ends AS (
    SELECT log_id, number, min(at_s) AS first_s, quantile_cont(at_s, 0.01) AS early_s,
           quantile_cont(at_s, 0.99) AS late_s, max(at_s) AS last_s
    FROM times WHERE at_s * 1000 BETWEEN $ct_began_ms AND $time_ends_ms GROUP BY log_id, number
)
SELECT ranges.log_id, start_index, end_index, first_s, early_s, late_s, last_s
FROM ranges LEFT JOIN ends ON ends.log_id = ranges.log_id AND number = start_index // $range_entries
WHERE state = 'verified' AND verified_at <= $verified_until
ORDER BY ranges.log_id, start_index
"""

LOGS = """
SELECT log_id, epoch_ms(interval_start) / 1000, epoch_ms(interval_end) / 1000, name, operator, state, tree_size
FROM logs ORDER BY name
"""

WINDOWS = "SELECT log_id, start_index, end_index FROM windows ORDER BY log_id, start_index"

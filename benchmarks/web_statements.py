"""The statements that make the large tables of benchmarks/web_data.py, and the issuers with their shares.

What is random in a row is cut from an MD5 of the row's number and the seed: six hexadecimal digits are one of
16,777,216. ``seq_1_to_N`` are the numbers 1 to N (MariaDB's Sequence engine).
"""

from collections.abc import Iterator
from typing import NamedTuple

from ctcollect.search import text_key

LOGS = 32
SLOTS = 1000


class Sizes(NamedTuple):
    """How many rows the tables get; two of ten certificates have two names."""

    certificates: int = 10_000_000
    sightings: int = 12_000_000
    ranges: int = 1_000_000
    friends: int = 100


# (thousandths of all certificates, organisation, common names, days of validity)
ISSUERS = (
    (500, "Let's Encrypt", ("R3", "R10", "R11", "E5", "E6", "Let's Encrypt Authority X3"), 90),
    (90, "Google Trust Services", ("WE1", "WR1", "GTS CA 1P5"), 90),
    (70, "Amazon", ("Amazon RSA 2048 M01", "Amazon RSA 2048 M02", "Amazon RSA 2048 M03"), 395),
    (120, "DigiCert Inc", tuple(f"DigiCert G{n} TLS RSA CA" for n in range(40)), 397),
    (80, "Cybertrust Japan Co., Ltd.", ("Cybertrust Japan SureServer CA G4", "Cybertrust Japan SureServer EV CA"), 396),
    (50, "SECOM Trust Systems CO.,LTD.", ("SECOM Passport for Web SR 3.0 CA", "NII Open Domain CA - G7 RSA"), 396),
    (60, "GlobalSign nv-sa", tuple(f"GlobalSign Atlas R3 DV TLS CA 20{n} Q1" for n in range(20, 50)), 397),
    (25, "Sectigo Limited", ("Sectigo RSA Domain Validation Secure Server CA",), 365),
    (3, "国立情報学研究所", ("NII オープンドメイン CA",), 825),
    (2, "ZeroSSL", ("ZeroSSL RSA Domain Secure Site CA",), 90),
)


def issuer_rows() -> Iterator[tuple[int, str, str, int | None, int | None, int]]:
    """(slot, organisation, common name, their keys, days of validity) for the slots 0 to SLOTS - 1."""
    slot = 0
    for share, organisation, names, days in ISSUERS:
        for number in range(share):
            name = names[number % len(names)]
            yield slot, organisation, name, text_key(organisation), text_key(name), days
            slot += 1


def _drawn(place: int, digest: str = "h") -> str:
    """A number in [0, 1)."""
    return f"(CONV(SUBSTR({digest}, {place}, 6), 16, 10) / 16777216)"


# A domain's suffix with its type, by thousandths of all domains.
_SUFFIXES = (
    (620, "jp", "general"), (230, "co.jp", "co"), (40, "or.jp", "or"), (25, "ne.jp", "ne"), (20, "ac.jp", "ac"),
    (10, "gr.jp", "gr"), (15, "ed.jp", "ed"), (5, "go.jp", "go"), (1, "ad.jp", "ad"), (14, "tokyo.jp", "prefecture"),
    (10, "chiyoda.tokyo.jp", "geographic"), (10, "lg.jp", "local_gov"),
)  # fmt: skip


def _by_suffix(number: str, column: int) -> str:
    cases, below = [], 0
    for row in _SUFFIXES:
        below += row[0]
        cases.append(f"WHEN {number} < {below} THEN '{row[column]}'")
    return f"CASE {' '.join(cases)} END"


_DOMAINS = f"""INSERT INTO bench_domains (id, domain, kind)
SELECT seq, CONCAT(ELT(seq % 5 + 1, 'shop-', 'kaisha', 'blog', 'net-', 'd'), LOWER(CONV(seq + 46656, 10, 36)), '.',
  {_by_suffix("(seq * 7919 % 1000)", 1)}), {_by_suffix("(seq * 7919 % 1000)", 2)}
FROM seq_1_to_{{certificates}} WHERE seq <= GREATEST(10, {{certificates}} / 8)"""

# Domain 1 is a hosting company with one certificate of thirty, in a name of its own each; of the others, few have many.
_DOMAIN_OF = f"""IF({_drawn(1)} < 0.033, 1,
  1 + FLOOR((GREATEST(10, {{certificates}} DIV 8) - 1) * POW({_drawn(7)}, 3)))"""
_NOT_BEFORE = f"""'{{first_day}}' + INTERVAL FLOOR(315360000 * SQRT({_drawn(13)})) SECOND"""
_DRAFT = f"""INSERT INTO bench_drafts (id, h, domain_id, slot, not_before)
SELECT seq, h, {_DOMAIN_OF}, FLOOR({_drawn(19)} * {SLOTS}), {_NOT_BEFORE}
FROM (SELECT seq, MD5(CONCAT('{{seed}}:', seq)) AS h FROM seq_1_to_{{certificates}}) AS numbers"""
_NAME = """CONCAT(IF(d.id = 1, CONCAT('user', t.id, '.'),
  ELT(CONV(SUBSTR(t.h, 25, 1), 16, 10) + 1, '', '', '', '', '', 'www.', 'www.', 'www.', 'www.', 'www.', 'www.', '*.',
  'mail.', 'dev.app.', 'api.', CONCAT('s', t.id % 97, '.'))), d.domain)"""
_JOINED = """bench_drafts t JOIN bench_domains d ON d.id = t.domain_id JOIN bench_issuers i ON i.slot = t.slot"""
_LOG_NAME = f"CONCAT(ELT(t.id % 4 + 1, 'argon', 'nimbus', 'wyvern', 'hetu'), 2018 + t.id % {LOGS} DIV 4)"
# Rows come in the order of days, as from recorders; an export has a file a day.
_COLLECTED_AT = "'{{now}}' - INTERVAL {number} % 2592000 SECOND"
_NOT_AFTER = "t.not_before + INTERVAL i.days DAY - INTERVAL 1 SECOND"

_CERTIFICATES = f"""INSERT INTO certificates (id, identity, serial, issuer_dn, issuer_cn, issuer_o, issuer_key_hash,
  authority_key_id, subject_dn, common_name, organization, not_before, not_after, key_type, key_bits, spki_hash,
  tbs_hash, signature_algorithm, policy_oids, sct_list, san_names, faults, is_precert_seen, is_final_seen,
  first_log_id, first_leaf_index, first_seen_at)
SELECT t.id, SHA2(CONCAT('identity', t.id), 256), CONCAT('03', t.h), CONCAT('C=US,O=', i.o, ',CN=', i.cn), i.cn, i.o,
  SHA2(i.cn, 256), LEFT(SHA2(i.cn, 256), 40), CONCAT('CN=', d.domain), d.domain,
  IF(i.days > 90 AND t.id % 3, CONCAT('株式会社', d.domain), NULL), t.not_before, {_NOT_AFTER},
  IF(t.id % 3, 'RSA', 'EC'), IF(t.id % 3, 2048, 256), SHA2(CONCAT('key', t.id DIV 2), 256),
  SHA2(CONCAT('tbs', t.id), 256), 'sha256WithRSAEncryption', '["2.23.140.1.2.1"]',
  CONCAT('[["', SHA2(CONCAT('log', t.id % {LOGS}), 256), '", 1700000000000]]'),
  JSON_ARRAY({_NAME}), '[]', 1, t.id % 5 = 0, SHA2(CONCAT('log', t.id % {LOGS}), 256), t.id * 11,
  {_COLLECTED_AT.format(number="t.id")}
FROM {_JOINED}"""

_NAMES = f"""INSERT INTO certificate_names (certificate_id, name, registered_domain, organisation_type, name_reversed,
  issuer_o_key, issuer_cn_key, not_before, not_after)
SELECT id, name, domain, kind, REVERSE(name), o_key, cn_key, not_before, not_after FROM (
  SELECT t.id, IF(n.seq, CONCAT('alt.', {_NAME}), {_NAME}) AS name, d.domain, d.kind, i.o_key, i.cn_key, t.not_before,
    {_NOT_AFTER} AS not_after
  FROM {_JOINED} JOIN seq_0_to_1 n ON n.seq = 0 OR t.id % 5 = 0) AS named
WHERE name NOT LIKE 'alt.*%'"""

# Every certificate as a precertificate; the rest of the sightings are final ones.
_SIGHTINGS = f"""INSERT INTO sightings (id, log_id, log_name, leaf_index, leaf_timestamp, entry_type, certificate_id,
  friend, worker, leaf_file, collected_at)
SELECT s.seq, SHA2(CONCAT('log', t.id % {LOGS}), 256), {_LOG_NAME}, s.seq * 11, t.not_before,
  IF(s.seq > {{certificates}}, 'x509', 'precert'), t.id,
  CONCAT('friend', s.seq % {{friends}}), CONCAT('friend', s.seq % {{friends}}, '@host'),
  CONCAT({_LOG_NAME}, '/', LPAD(s.seq DIV 100 * 1100, 12, '0'), '.jsonl.zst'),
  {_COLLECTED_AT.format(number="s.seq")}
FROM seq_1_to_{{sightings}} s
JOIN bench_drafts t ON t.id = IF(s.seq > {{certificates}}, (s.seq - {{certificates}}) * 5, s.seq)"""

# Of each log's ranges six of ten are verified, two full, one half done, one untouched.
_RANGES = f"""INSERT INTO ranges (log_id, start_index, end_index, state, units_done, attempts, audit_attempts,
  verified_at, verified_size, brought_by, brought_at)
SELECT SHA2(CONCAT('log', seq % {LOGS}), 256), seq DIV {LOGS} * 131072, (seq DIV {LOGS} + 1) * 131072,
  CASE WHEN seq DIV {LOGS} % 10 < 6 THEN 'verified' WHEN seq DIV {LOGS} % 10 < 8 THEN 'full' ELSE 'open' END,
  CASE seq DIV {LOGS} % 10 WHEN 9 THEN '' WHEN 8 THEN CONCAT(REPEAT(CHAR(255), 256), REPEAT(CHAR(0), 256))
    ELSE REPEAT(CHAR(255), 512) END, 1, 1,
  IF(seq DIV {LOGS} % 10 < 6, '{{now}}' - INTERVAL seq SECOND, NULL), IF(seq DIV {LOGS} % 10 < 6, 1 << 40, NULL),
  IF(seq DIV {LOGS} % 10 < 9, CONCAT('friend', seq % {{friends}}), NULL), '{{now}}' - INTERVAL seq SECOND
FROM seq_1_to_{{ranges}}"""

LARGE_TABLES = (
    "CREATE OR REPLACE TABLE bench_domains (id INT PRIMARY KEY, domain VARCHAR(64), kind VARCHAR(16))",
    _DOMAINS,
    "CREATE OR REPLACE TABLE bench_drafts "
    "(id INT PRIMARY KEY, h CHAR(32), domain_id INT, slot INT, not_before DATETIME)",
    _DRAFT,
    _CERTIFICATES,
    _NAMES,
    _SIGHTINGS,
    _RANGES,
    "DROP TABLE bench_drafts",
)

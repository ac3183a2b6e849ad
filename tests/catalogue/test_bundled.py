import base64
import csv
import hashlib
from collections import Counter
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.serialization import load_der_public_key

from ctcollect.catalogue import Log, bundled, derived_state, is_local_url

WANTED = """
nimbus2022 nimbus2023 nimbus2024 nimbus2025 nimbus2026 nimbus2027
argon2022 argon2023 argon2024 argon2025h1 argon2025h2 argon2026h1 argon2026h2 argon2027h1
xenon2022 xenon2023 xenon2024 xenon2025h1 xenon2025h2 xenon2026h1 xenon2026h2 xenon2027h1
log1 log2020 log2021 log2021-ct2021 log2022 log2023 log2024 log2024-ct2 log2025a log2025b log2026a log2026b
hetu2027 luoshu2027
nessie2022 nessie2023 nessie2024 nessie2025
sphinx2024h1 sphinx2024h2 sphinx2025h1 sphinx2025h2 sphinx2026h1 sphinx2026h2 sphinx2027h1 sphinx2027h2
wyvern2024h1 wyvern2024h2 wyvern2025h1 wyvern2025h2 wyvern2026h1 wyvern2026h2 wyvern2027h1 wyvern2027h2
yeti2022-2 yeti2022 yeti2023 yeti2024 yeti2025
"""


def test_bundled_logs_are_the_wanted_ones() -> None:
    """The 61 logs that the collection is about are there, each once, on four queues."""
    assert sorted(log.name for log in bundled()) == sorted(WANTED.split())
    per_queue = Counter(log.queue for log in bundled())
    assert per_queue == {"google": 16, "cloudflare": 6, "digicert": 25, "trustasia": 14}


def test_log_ids_are_the_hashes_of_working_keys() -> None:
    """RFC 6962, 3.2: log_id is SHA-256 over the key, and the key can be loaded."""
    assert len({log.log_id for log in bundled()}) == 61
    for log in bundled():
        assert log.log_id == hashlib.sha256(log.key).hexdigest()
        load_der_public_key(log.key)


def test_addresses_are_public_and_distinct() -> None:
    """Each log has an https url of its own on the public Internet that paths can be put behind."""
    assert len({log.url for log in bundled()}) == 61
    assert not [log.url for log in bundled() if is_local_url(log.url) or not log.url.endswith("/")]


def test_interval_fits_the_year_in_the_name() -> None:
    """A shard's interval spans half a year to little over one and holds the middle of what its name says."""
    for log in bundled():
        assert log.interval_start is not None
        assert log.interval_end is not None
        assert log.interval_start < _middle_named_by(log) < log.interval_end
        assert 180 <= (log.interval_end - log.interval_start).days <= 380 or log.name == "log1"


def _middle_named_by(log: Log) -> datetime:
    if log.name == "log1":  # the only one that was not sharded by year: it took 2021 to 2024
        return datetime(2023, 1, 1)
    year = next(year for year in range(2020, 2028) if str(year) in log.name)
    month = {"h1": 4, "h2": 10}.get(log.name[-2:], 7)
    return datetime(year, month, 1)


def test_host_is_what_a_rate_limit_counts_by() -> None:
    """Shards on one host share it; TrustAsia's and Yeti's logs have each their own."""
    hosts = {log.name: log.host for log in bundled()}
    assert hosts["argon2022"] == hosts["xenon2027h1"] == "ct.googleapis.com"
    assert hosts["log2024"] == "ct2024.trustasia.com"
    assert hosts["yeti2022"] != hosts["yeti2022-2"]


def test_facts_agree_with_the_published_history(shared_data: Path) -> None:
    """Key, url, interval, merge delay and last state are those of the collected history of the lists."""
    with (shared_data / "loglists" / "target_logs.tsv").open(encoding="utf-8", newline="") as lines:
        published = {row["url"]: row for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)}
    assert published.keys() == {log.url for log in bundled()}
    for log in bundled():
        row = published[log.url]
        history = next(text for column, text in row.items() if column.startswith("states"))
        assert (log.operator, log.description, str(log.mmd_seconds)) == (
            row["operator"],
            row["description"],
            row["mmd"],
        )
        assert (log.key, bytes.fromhex(log.log_id)) == (
            base64.b64decode(row["key"]),
            base64.b64decode(row["log_id"]),
        )
        assert f"{log.interval_start:%Y-%m-%d}..{log.interval_end:%Y-%m-%d}" == row["interval"]
        assert history.endswith(f":{log.state}@{log.state_since:%Y-%m-%d}")
        assert f"{log.last_listed:%Y-%m-%d}" == row["last_seen_in_list"]
        assert (log.kind == "static") == (row["kind"] == "tiled_logs")


def test_where_the_entries_of_ended_logs_still_are() -> None:
    """Logs that only an archive has, and those that are lost for good, are known as such from the start."""
    by_place: dict[str | None, set[str]] = {}
    for log in bundled():
        by_place.setdefault(log.available_from, set()).add(log.name)
    lost = "yeti2024 nessie2024 log2020 log2021 log2021-ct2021 log2022 log2023"
    assert by_place["nowhere"] == set(lost.split())
    assert {"nimbus2022", "yeti2025", "nessie2025", "sphinx2025h1", "wyvern2024h2", "log2024"} < by_place["archive"]
    assert len(by_place["archive"]) == 17
    assert all(derived_state(log, datetime(2026, 11, 22)) == "expired" for log in bundled() if log.available_from)

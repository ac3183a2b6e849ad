import json
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from ctcollect.catalogue import bundled, derived_state, is_local_url, read_log_list
from ctcollect.errors import ConfigurationError

QUEUE_OF = {"Google": "google", "Cloudflare": "cloudflare", "DigiCert": "digicert", "TrustAsia": "trustasia"}
NOW = datetime(2026, 11, 22)
LISTS = [
    "chrome-all_logs_list-2024-10-09.json",  # with the shards of 2022-2025
    "chrome-all_logs_list-2026-08-21.json",  # after they were dropped: tiled logs, placeholders
    "apple-current_log_list-2026-04-01.json",  # other descriptions, states with a version
]


@pytest.fixture(params=LISTS)
def published(request: pytest.FixtureRequest, shared_data: Path) -> Path:
    return shared_data / "loglists" / str(request.param)


def test_no_list_is_left_out(shared_data: Path) -> None:
    """Every file that is there is one of these lists, or a schema of lists, which is told from a list in a line."""
    files = {path.name: path for path in (shared_data / "loglists").glob("*.json")}
    assert files.keys() >= set(LISTS)
    for name in files.keys() - set(LISTS):
        assert "schema" in name
        with pytest.raises(ConfigurationError, match=r"^this is not a log list: it has no list of operators[^\n]*$"):
            read_log_list(files[name].read_bytes())


def _walk(path: Path) -> list[tuple[str, str, dict[str, Any]]]:
    operators = json.loads(path.read_bytes())["operators"]
    return [
        (operator["name"], section, entry)
        for operator in operators
        for section in ("logs", "tiled_logs")
        for entry in operator.get(section, [])
    ]


def test_every_log_of_our_operators_is_read(published: Path) -> None:
    """The logs taken are those that a plain walk over the JSON finds, in its order; others are skipped."""
    read = read_log_list(published.read_bytes())
    entries = _walk(published)
    ours = [(QUEUE_OF[name], entry) for name, _, entry in entries if name in QUEUE_OF]
    assert [(log.queue, log.url) for log in read.logs] == [(queue, _address(entry)) for queue, entry in ours]
    assert [log.state for log in read.logs] == [next(iter(entry.get("state", {})), None) for _, entry in ours]
    assert len(read.logs) + len(read.skipped) == len(entries)


def _address(entry: dict[str, Any]) -> str:
    return str(entry.get("url") or entry["monitoring_url"])


def test_counts_by_state_are_those_of_the_list(published: Path) -> None:
    """Every log of the list counts, operator by operator, once in its own state, and no other does."""
    document = json.loads(published.read_bytes())
    counted = Counter(
        next(iter(log.get("state", {"none": {}})))
        for operator in document["operators"]
        for log in operator["logs"] + operator.get("tiled_logs", [])
    )
    read = read_log_list(published.read_bytes())
    assert read.counts_by_state() == counted
    assert len(read.log_ids()) == counted.total()
    assert read.publisher == published.name.partition("-")[0]


def test_what_holds_now_beside_what_the_list_says(published: Path) -> None:
    """With a queue for all: ended shards are expired whatever the list says, test logs are test logs, the rest hold."""
    read = read_log_list(published.read_bytes(), queue="google")
    for log in read.logs:
        held = derived_state(log, NOW)
        if log.state is None and log.log_type:
            assert held == "test"
        elif log.interval_end and log.interval_end <= NOW:
            assert held == "expired"
        else:
            assert held == (log.state or "none")


def test_named_queue_takes_all_but_placeholders(published: Path) -> None:
    """With a queue named, only what is no log at all is skipped; final heads come along."""
    read = read_log_list(published.read_bytes(), queue="google")
    real = [entry for _, _, entry in _walk(published) if "ct.example.com" not in _address(entry)]
    heads = [e["state"]["readonly"]["final_tree_head"] for e in real if "readonly" in e.get("state", {})]
    assert [log.url for log in read.logs] == [_address(entry) for entry in real]
    assert [log.final_tree_size for log in read.logs if log.state == "readonly"] == [h["tree_size"] for h in heads]
    assert heads
    assert {log.url for log in read.logs if is_local_url(log.url)} <= {"http://ctlog.sheca.com/"}


def test_bundled_logs_are_told_under_their_short_names(published: Path) -> None:
    """Each list's words for a bundled log lead to the one bundled name, url, key and interval."""
    known = {log.log_id: log for log in bundled()}
    found = [log for log in read_log_list(published.read_bytes()).logs if log.log_id in known]
    assert len(found) >= 12
    for log in found:
        facts = known[log.log_id]
        assert (log.name, log.url, log.key) == (facts.name, facts.url, facts.key)
        assert (log.interval_start, log.interval_end) == (facts.interval_start, facts.interval_end)
        assert (log.batch_entries, log.subrange_entries) == (facts.batch_entries, facts.subrange_entries)

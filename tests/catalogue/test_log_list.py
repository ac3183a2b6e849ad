import base64
import json
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctcollect.catalogue import LogList, Skipped, bundled, queues, read_log_list
from ctcollect.errors import ConfigurationError
from tests.catalogue.lists import entry, log_list


def test_each_field_of_a_log_is_read() -> None:
    """A sound log is taken whole, its times as naive UTC, on its operator's queue and first guesses."""
    (log,) = read_log_list(log_list(entry(7), operator="DigiCert, Inc.")).logs
    assert (log.name, log.description, log.kind) == ("Log 7", "Log 7", "rfc6962")
    assert (log.operator, log.queue, log.batch_entries, log.subrange_entries) == (
        "DigiCert",
        "digicert",
        256,
        2048,
    )
    assert (log.url, log.host, log.mmd_seconds) == ("https://ct7.log.jp/log7/", "ct7.log.jp", 3600)
    assert log.key == b"a public key, number 7"
    assert (log.state, log.state_since) == ("usable", datetime(2024, 9, 30, 22, 19, 27))
    assert (log.interval_start, log.interval_end) == (datetime(2025, 1, 1), datetime(2025, 7, 1))
    assert (log.final_tree_size, log.final_root_hash) == (None, None)


def test_optional_fields_may_be_absent() -> None:
    """A test log without description, interval, merge delay and state is taken under its url's last part."""
    bare = entry(description=None, temporal_interval=None, mmd=None, state=None, url="http://127.0.0.1:8080/logs/a1")
    (log,) = read_log_list(log_list(bare)).logs
    assert (log.name, log.url, log.host) == ("a1", "http://127.0.0.1:8080/logs/a1/", "127.0.0.1:8080")
    assert (log.mmd_seconds, log.state, log.state_since) == (86400, None, None)
    assert (log.interval_start, log.interval_end) == (None, None)


def test_blank_description_counts_as_absent() -> None:
    """A name is never empty."""
    (log,) = read_log_list(log_list(entry(1, description=" \n"))).logs
    assert log.name == "log1"


def test_readonly_log_carries_its_final_tree_head() -> None:
    """The size and the root that a frozen log must lead to are kept."""
    head = {"tree_size": 546099878, "sha256_root_hash": entry()["log_id"]}
    state = {"readonly": {"timestamp": "2024-05-06T12:53:20Z", "final_tree_head": head}}
    (log,) = read_log_list(log_list(entry(state=state))).logs
    assert (log.state, log.final_tree_size) == ("readonly", 546099878)
    assert log.final_root_hash is not None
    assert log.final_root_hash.hex() == log.log_id


@pytest.mark.parametrize("state", ["expired", "dissolved"])
def test_unknown_states_are_kept_as_they_are(state: str) -> None:
    """A state that the schema does not know yet costs no log; Apple's version string is no obstacle."""
    details = {"timestamp": "2026-01-01T00:00:00Z", "version": "499"}
    (log,) = read_log_list(log_list(entry(state={state: details}))).logs
    assert log.state == state


def test_operator_without_a_queue_needs_one_named() -> None:
    """A log of an unknown operator is skipped with what to do, and taken when a queue is named."""
    text = log_list(entry(), operator="Sectigo")
    assert read_log_list(text).logs == ()
    (skipped,) = read_log_list(text).skipped
    assert (skipped.description, skipped.reason) == (
        "Log 1",
        "operator 'Sectigo' has no queue: name one with --queue",
    )
    (log,) = read_log_list(text, queue="trustasia").logs
    assert (log.operator, log.queue, log.batch_entries) == ("Sectigo", "trustasia", 256)


def test_named_queue_goes_before_the_operators_own() -> None:
    """A queue that a person names is never ignored; the first guesses stay the operator's."""
    (log,) = read_log_list(log_list(entry(), operator="Google"), queue="cloudflare").logs
    assert (log.queue, log.batch_entries) == ("cloudflare", 32)


def test_queue_that_does_not_exist_is_refused() -> None:
    """A mistyped queue is said in one line with the queues there are."""
    with pytest.raises(ConfigurationError, match=r"^there is no queue 'gogle': .*" + ", ".join(queues()) + "$"):
        read_log_list(log_list(entry()), queue="gogle")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"log_id": entry(2)["log_id"]}, "log_id is not SHA-256 of key"),
        ({"log_id": "c2hvcnQ="}, "log_id is 5 bytes long, not 32"),
        ({"log_id": None}, "log_id is missing"),
        ({"key": None}, "key is missing"),
        ({"key": "???"}, "key is not base64"),
        ({"url": None}, "url is missing"),
        ({"url": 5}, "url is not text"),
        ({"url": "ftp://ct.log.jp/"}, "url is not a plain http(s) address"),
        ({"url": "https://user@ct.log.jp/"}, "url is not a plain http(s) address"),
        ({"url": "https://ct.log.jp/../../etc/"}, "url is not a plain http(s) address"),
        ({"url": "https://ct.log.jp/log/?x=1"}, "url is not a plain http(s) address"),
        ({"url": "https://ct.log.jp/" + "a" * 200}, "url is not a plain http(s) address"),
        ({"url": "https://ct.example.com/bogus/"}, "url is a placeholder, there is no such log"),
        ({"mmd": True}, "mmd is not a whole number from 1 to 31622400"),
        ({"description": ["a"]}, "description is not text"),
        ({"key": base64.b64encode(bytes(1025)).decode()}, "key is 1025 bytes long, more than 1024"),
        ({"state": {}}, "state has 0 keys, not one"),
        ({"state": {" ": {}}}, "state has no name"),
        ({"state": {"usable": {}, "retired": {}}}, "state has 2 keys, not one"),
        ({"state": {"usable": "2024-09-30"}}, "state is not an object"),
        ({"state": {"usable": {"timestamp": "soon"}}}, "timestamp is not a time"),
        ({"state": {"usable": {"timestamp": "0001-01-01T00:00:00+09:00"}}}, "timestamp is not a time"),
        ({"temporal_interval": {"start_inclusive": "2025-01-01"}}, "end_exclusive is missing"),
        (
            {"temporal_interval": {"start_inclusive": "2025-01-01", "end_exclusive": "2025-01-01"}},
            "temporal_interval ends before it starts",
        ),
        (
            {"state": {"readonly": {"final_tree_head": {"tree_size": -1}}}},
            "tree_size is not a whole number from 0 to 9223372036854775807",
        ),
    ],
)
def test_faulty_log_is_skipped_alone_and_with_its_reason(changes: dict[str, Any], reason: str) -> None:
    """One bad log costs no other, and its reason says which field is wrong."""
    read = read_log_list(log_list(entry(1, **changes), entry(3)))
    assert [log.name for log in read.logs] == ["Log 3"]
    assert [skipped.reason for skipped in read.skipped] == [reason]


def test_static_ct_logs_are_read_where_they_are_monitored() -> None:
    """Whichever section it stands in: its monitoring address is fetched, the other one is kept as its origin."""
    addresses = {"url": None, "monitoring_url": "https://mon.log.jp/", "submission_url": "https://sub.log.jp/a"}
    read = read_log_list(log_list(entry(2, **addresses), tiled_logs=[entry(3, **addresses), entry(4)]))
    for log in read.logs:
        assert (log.kind, log.url, log.submission_url) == ("static", "https://mon.log.jp/", "https://sub.log.jp/a/")
        assert (log.batch_entries, log.subrange_entries) == (256, 8192)
    assert [log.name for log in read.logs] == ["Log 2", "Log 3"]
    assert [(each.description, each.reason) for each in read.skipped] == [("Log 4", "monitoring_url is missing")]


def test_two_logs_may_share_a_url() -> None:
    """Identity is the log_id: the key under which the url answers decides later which of the two it is."""
    read = read_log_list(log_list(entry(1), entry(2, url=entry(1)["url"])))
    assert [log.url for log in read.logs] == [entry(1)["url"]] * 2
    assert not read.skipped


def test_logs_count_by_the_lists_own_state_whether_taken_or_not() -> None:
    """An expired one, an unknown one, one without a state, and a bad one whose state can be read all the same."""
    others = entry(2, state={"expired": {}}), entry(3, state={"dissolved": {}}), entry(4, state=None)
    read = read_log_list(log_list(entry(1), *others, entry(5, url="file:///etc/passwd")))
    assert read.counts_by_state() == {"usable": 2, "expired": 1, "dissolved": 1, "none": 1}
    assert [each.reason for each in read.skipped] == ["url is not a plain http(s) address"]
    assert len(read.log_ids()) == 5


@pytest.mark.parametrize(
    ("field", "value", "publisher"),
    [("is_all_logs", True, "chrome"), ("assetVersionV2", 1013, "apple"), ("name", "my list", "other")],
)
def test_a_list_is_known_by_its_publisher(field: str, value: Any, publisher: str) -> None:
    """Chrome's and Apple's lists are told apart by the fields that only they have; another list is nobody's."""
    document = json.loads(log_list(entry(1)))
    assert read_log_list(json.dumps(document | {field: value})).publisher == publisher


def test_second_log_with_one_log_id_is_skipped() -> None:
    """Identity is the log_id: the first wins, whatever url and name the second gives."""
    read = read_log_list(log_list(entry(1), entry(1, description="Again", url="https://other.log.jp/")))
    assert [log.name for log in read.logs] == ["Log 1"]
    assert [each.description for each in read.skipped] == ["Again"]


def test_two_logs_never_share_a_name() -> None:
    """The later log's name gets the start of its log_id; upper and lower case do not tell names apart."""
    text = log_list(entry(1, description="Log"), entry(2, description="LOG"), entry(3, description="Log"))
    first, second, third = read_log_list(text).logs
    assert first.name == "Log"
    assert (second.name, third.name) == (f"LOG-{second.log_id[:8]}", f"Log-{third.log_id[:8]}")
    assert second.description == "LOG"


def test_bundled_log_keeps_its_name_and_batch_size() -> None:
    """A list's news of a bundled log comes under the short name, even when another log took it before."""
    known = next(log for log in bundled() if log.name == "yeti2025")
    listed = entry(1, log_id=_base64(bytes.fromhex(known.log_id)), key=_base64(known.key))
    other = entry(2, description="yeti2025")
    other_log, log = read_log_list(log_list(other, listed)).logs
    assert (log.name, log.batch_entries, log.subrange_entries) == ("yeti2025", 64, 1024)
    assert (log.url, log.description, log.state) == ("https://ct1.log.jp/log1/", "Log 1", "usable")
    assert other_log.name == f"yeti2025-{other_log.log_id[:8]}"


def _base64(octets: bytes) -> str:
    return base64.b64encode(octets).decode()


def test_text_from_a_list_is_one_printable_line() -> None:
    """Line ends, terminal escapes and lone surrogates of a list reach neither a terminal nor the database."""
    wild = "Log\r\n\x1b[31m \ud800 " + "long " * 100
    (log,) = read_log_list(log_list(entry(1, description=wild))).logs
    (skipped,) = read_log_list(log_list(entry(1, description=wild), operator=wild)).skipped
    for text in (log.name, log.description, skipped.description, skipped.reason):
        assert text.isprintable()
        assert len(text) < 250
    assert log.name.startswith("Log ?[31m ? long")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<html>",
        b"\xff\xfe\x00",
        "[" * 100_000,
        "9" * 5000,
        "[]",
        "null",
        "{}",
        '{"operators": {}}',
        '{"operators": [], "logs": []}',
    ],
)
def test_other_files_are_refused_in_one_line(text: str | bytes) -> None:
    """A file that is no log list at all is refused with what to give instead."""
    with pytest.raises(ConfigurationError, match=r"^this is not a log list: .*Chrome's log_list\.json \(v3\)$"):
        read_log_list(text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
FIELDS = ["description", "log_id", "key", "url", "mmd", "temporal_interval", "state", "monitoring_url"]
ENTRIES = st.builds(lambda changes: entry(1) | changes, st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=2))
OPERATORS = st.fixed_dictionaries(
    {"name": st.just("Google") | JSON, "logs": st.lists(ENTRIES | JSON, max_size=3) | JSON},
    optional={"tiled_logs": JSON},
)
DOCUMENTS = JSON | st.fixed_dictionaries({"operators": st.lists(OPERATORS | JSON, max_size=2) | JSON})


@settings(max_examples=400, deadline=None)
@given(DOCUMENTS, st.none() | st.sampled_from(queues()))
def test_any_json_is_read_or_refused(document: Any, queue: str | None) -> None:
    """Whatever the JSON, the answer is a log list or one line that says why not; no entry goes unnamed."""
    try:
        read = read_log_list(json.dumps(document), queue)
    except ConfigurationError as error:
        read = LogList((), (Skipped("the whole list", str(error)),))
    assert len({log.name for log in read.logs}) == len({log.log_id for log in read.logs}) == len(read.logs)
    for skipped in read.skipped:
        assert skipped.description.isprintable()
        assert skipped.reason.isprintable()

"""Each fault does what it says, as often as it says, and to nobody else."""

import time
from base64 import b64decode
from email.utils import parsedate_to_datetime
from typing import Any

import orjson
import pytest
import requests

from ctcollect.errors import BadSignature, ConfigurationError
from ctcollect.local_log import Faults, LocalLog, Rule
from ctcollect.protocol import signatures
from ctcollect.protocol.rfc6962 import parse_get_sth
from tests.local_log.conftest import NAME, Client

SIZE = 1500
STH = "get-sth"


def entries(client: Client, start: int = 0, end: int = 31) -> list[dict[str, str]]:
    found: list[dict[str, str]] = client.json("get-entries", start=start, end=end)["entries"]
    return found


@pytest.mark.parametrize(("kind", "status"), [("throttle", 429), ("unavailable", 503)])
def test_refusing_for_a_while(client: Client, kind: str, status: int) -> None:
    """429 and 503 come for the next N requests, with Retry-After in seconds, as a date, or without."""
    for rule, retry_after in (
        (Rule(kind, next=1), None),
        (Rule(kind, next=1, retry_after=7), "7"),
        (Rule(kind, next=1, retry_after=7, retry_as_date=True), "date"),
    ):
        client.server.faults = Faults(rule)
        answer = client.get(STH)
        found = answer.headers.get("Retry-After")
        assert answer.status_code == status
        if retry_after == "date":
            assert parsedate_to_datetime(str(found)).timestamp() == pytest.approx(time.time() + 7, abs=3)
        else:
            assert found == retry_after
        assert client.get(STH).status_code == 200


def test_reset(client: Client) -> None:
    """The connection breaks before a byte came; the next one works."""
    client.server.faults = Faults(Rule("reset", next=1))
    with pytest.raises(requests.ConnectionError, match="reset"):
        client.get(STH)
    assert client.get(STH).status_code == 200
    assert client.server.stats()["statuses"] == {"broken": 1, "200": 1}


@pytest.mark.parametrize("endpoint", [STH, "get-entries?start=0&end=31"])
def test_cut(client: Client, endpoint: str) -> None:
    """The body ends in the middle, though Content-Length promises all of it."""
    client.server.faults = Faults(Rule("cut", next=1))
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"):
        client.get(endpoint)
    assert client.get(endpoint).status_code == 200


def test_html(client: Client) -> None:
    """A page with status 200 instead of JSON."""
    client.server.faults = Faults(Rule("html", next=1))
    answer = client.get(STH)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html")
    assert answer.text.startswith("<!DOCTYPE html>")


def test_slow(client: Client) -> None:
    """Nothing comes for the time given, then the honest answer."""
    client.server.faults = Faults(Rule("slow", next=1, seconds=0.3))
    began = time.monotonic()
    assert client.get(STH).status_code == 200
    assert time.monotonic() - began >= 0.3


def test_stop_does_not_wait_for_slow_answers(client: Client) -> None:
    """Stopping the server ends its pauses."""
    client.server.faults = Faults(Rule("slow", next=1, seconds=60))
    with pytest.raises(requests.Timeout):
        client.session.get(f"{client.server.log_url(NAME)}ct/v1/get-sth", timeout=0.2)
    began = time.monotonic()
    client.server.stop()
    assert time.monotonic() - began < 2


def test_short_zero_and_too_many(client: Client) -> None:
    """get-entries gives fewer, none, or more than asked for; those that come first are the right ones."""
    honest = entries(client)
    client.server.faults = Faults(Rule("short", next=1, entries=5))
    assert entries(client) == honest[:5]
    assert entries(client) == honest
    client.server.faults = Faults(Rule("zero", next=1))
    assert entries(client) == []
    client.server.faults = Faults(Rule("too_many", next=1, entries=3))
    assert entries(client) == [*honest, *[honest[-1]] * 3]
    client.server.faults = Faults(Rule("short", probability=1), seed=3)
    lengths = [len(entries(client)) for _ in range(8)]
    assert len(set(lengths)) > 2
    assert all(1 <= length <= 32 for length in lengths)
    client.server.faults = Faults(Rule("short", next=1), Rule("zero", next=1))
    assert entries(client) == []


def test_lag(client: Client, log: LocalLog) -> None:
    """A lagging front end shows a smaller, still signed head, and 400 for the entries it does not know."""
    client.server.faults = Faults(Rule("lag", next=2, entries=100))
    head = parse_get_sth(client.json(STH))
    signatures.verify_tree_head(head, log.key_der)
    assert head.tree_size == SIZE - 100
    assert client.get("get-entries", start=SIZE - 50, end=SIZE - 1).status_code == 400
    assert len(entries(client, SIZE - 20, SIZE - 1)) == 20


def test_bad_signature(client: Client, log: LocalLog) -> None:
    """The head's signature does not fit the log's key."""
    client.server.faults = Faults(Rule("bad_signature", next=1))
    with pytest.raises(BadSignature):
        signatures.verify_tree_head(parse_get_sth(client.json(STH)), log.key_der)
    signatures.verify_tree_head(parse_get_sth(client.json(STH)), log.key_der)


@pytest.mark.parametrize("field", ["leaf_input", "extra_data"])
def test_alter(client: Client, field: str) -> None:
    """One bit of one entry is flipped in exactly N answers that hold it, the others are honest."""
    honest = entries(client, 0, 31)
    client.server.faults = Faults(Rule("alter", index=20, next=2, field=field))
    assert entries(client, 0, 19) == honest[:20]
    assert entries(client, 21, 31) == honest[21:]
    for start in (0, 20):
        altered = entries(client, start, 31)[20 - start]
        before, after = b64decode(honest[20][field]), b64decode(altered[field])
        assert [n for n in range(len(before)) if before[n] != after[n]] == [9]
    assert entries(client, 0, 31) == honest


def test_rate_limit(client: Client) -> None:
    """One second's worth passes at once, then 429; after a while the client may ask again."""
    client.server.faults = Faults(Rule("rate_limit", per_second=4, retry_after=1))
    statuses = [client.get(STH).status_code for _ in range(8)]
    assert statuses[:4] == [200] * 4
    assert 429 in statuses[4:]
    time.sleep(0.3)
    assert client.get(STH).status_code == 200


def test_probability_and_seed(client: Client) -> None:
    """A share of the requests is hit, the same ones with the same seed."""
    seen = []
    for _ in range(2):
        client.server.faults = Faults(Rule("unavailable", probability=0.4), seed=5)
        seen.append([client.get(STH).status_code for _ in range(40)])
    assert seen[0] == seen[1]
    assert 8 <= seen[0].count(503) <= 24


def test_a_rule_keeps_to_its_log_and_endpoint(client: Client) -> None:
    """Other logs and endpoints are left in peace, and their requests do not use up the next N."""
    client.server.faults = Faults(
        Rule("throttle", next=1, endpoint="get-roots"), Rule("unavailable", next=1, log="another")
    )
    assert [client.get(each).status_code for each in (STH, "get-roots", "get-roots")] == [200, 429, 200]


def test_faults_compose(client: Client) -> None:
    """Two rules strike one request, the first outermost."""
    client.server.faults = Faults(Rule("cut", next=1), Rule("html", next=1))
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        client.get(STH)
    assert client.get(STH).json()["tree_size"] == SIZE


def post(client: Client, document: Any) -> requests.Response:
    return client.session.post(f"{client.server.url}faults", data=orjson.dumps(document), timeout=5)


def test_faults_are_set_from_outside(client: Client) -> None:
    """POST /faults takes the place of all present faults; an empty document ends them."""
    client.server.faults = Faults(Rule("html", probability=1))
    assert post(client, {"rules": [{"kind": "throttle", "probability": 1, "retry_after": 1}]}).status_code == 204
    assert client.get(STH).status_code == 429
    assert post(client, {}).status_code == 204
    assert client.get(STH).status_code == 200


@pytest.mark.parametrize(
    "document",
    [
        [],
        {"rules": 5},
        {"rules": [{}]},
        {"rules": [{"kind": "plague"}]},
        {"rules": [{"kind": []}]},
        {"rules": [{"kind": "slow", "seconds": "long"}]},
        {"rules": [{"kind": "lag", "entries": -1}]},
        {"rules": [{"kind": "slow", "colour": 1}]},
        {"rules": [{"kind": "alter", "field": "index"}]},
        {"rules": [{"kind": "rate_limit", "per_second": 0}]},
        {"rules": [], "seed": []},
    ],
)
def test_senseless_faults_are_refused(client: Client, document: Any) -> None:
    """Wrong documents are 400 with one line that says why, and the present faults stay."""
    client.server.faults = Faults(Rule("html", probability=1))
    answer = post(client, document)
    assert answer.status_code == 400
    assert len(answer.text.strip().splitlines()) == 2
    assert client.get(STH).text.startswith("<!DOCTYPE html>")
    with pytest.raises(ConfigurationError):
        Faults.from_document(document)

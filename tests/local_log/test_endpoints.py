"""RFC 6962 section 4 over real HTTP, with the behaviour of CTFE."""

import time
from base64 import b64decode, b64encode
from pathlib import Path
from random import Random

import orjson
import pytest
from cryptography import x509

from ctcollect.errors import ConfigurationError
from ctcollect.local_log import LocalLog, LocalLogServer
from ctcollect.protocol import merkle, signatures
from ctcollect.protocol.rfc6962 import (
    parse_get_entry_and_proof,
    parse_get_proof_by_hash,
    parse_get_sth,
    parse_get_sth_consistency,
)
from tests.local_log.conftest import NAME, Client, Connect

SIZE = 1500
NEED_MORE = f"need tree size: {SIZE + 1} to get leaves but only got: {SIZE}"


def indices(client: Client, start: int, end: int) -> tuple[int, int]:
    """First index and number of the entries that came, told from the log's own."""
    entries = client.json("get-entries", start=start, end=end)["entries"]
    own = client.server.logs[NAME].entries[start : start + len(entries)]
    assert [b64decode(entry["leaf_input"]) for entry in entries] == [each.leaf_input for each in own]
    assert [b64decode(entry["extra_data"]) for entry in entries] == [each.extra_data for each in own]
    return start, len(entries)


def test_the_head_is_signed_and_true(client: Client, log: LocalLog) -> None:
    """get-sth verifies with the log's key; its root is that of the leaves that get-entries gives."""
    head = parse_get_sth(client.json("get-sth"))
    signatures.verify_tree_head(head, log.key_der)
    leaves: list[bytes] = []
    while len(leaves) < head.tree_size:
        entries = client.json("get-entries", start=len(leaves), end=head.tree_size - 1)["entries"]
        leaves += [merkle.leaf_hash(b64decode(entry["leaf_input"])) for entry in entries]
    assert merkle.tree_root(leaves) == head.root_hash


@pytest.mark.parametrize(
    ("start", "end", "count"),
    [
        pytest.param(0, 31, 32, id="a full answer"),
        pytest.param(10, 41, 22, id="cut on the grid"),
        pytest.param(10, 500, 22, id="far too long, cut on the grid"),
        pytest.param(10, 40, 31, id="short requests may cross the grid"),
        pytest.param(31, 62, 1, id="down to one"),
        pytest.param(SIZE - 4, SIZE + 3, 4, id="the end of the tree"),
        pytest.param(SIZE - 1, SIZE - 1, 1, id="the last one"),
    ],
)
def test_how_many_entries_come(client: Client, start: int, end: int, count: int) -> None:
    """A request for the maximum or more ends on a multiple of it, any other where it or the tree ends."""
    assert indices(client, start, end) == (start, count)


def test_without_alignment(connect: Connect) -> None:
    """align=False gives the maximum wherever it starts; the maximum may differ by log."""
    with connect(max_entries={NAME: 20}, align=False) as client:
        assert indices(client, 7, 100) == (7, 20)


@pytest.mark.parametrize(
    ("endpoint", "query", "status", "text"),
    [
        ("get-entries", f"start={SIZE}&end={SIZE}", 400, NEED_MORE),
        ("get-entries", "start=5&end=4", 400, "not a valid range"),
        ("get-entries", "start=-1&end=4", 400, "start"),
        ("get-entries", "start=5", 400, "end"),
        ("get-entries", "start=a&end=4", 400, "start"),
        ("get-entries", f"start=0&end={2**63}", 400, "end"),
        ("get-sth-consistency", "first=5&second=4", 400, "first"),
        ("get-sth-consistency", f"first=5&second={SIZE + 1}", 400, "need tree size"),
        ("get-proof-by-hash", "tree_size=4", 400, "hash"),
        ("get-proof-by-hash", "hash=!&tree_size=4", 400, "base64"),
        ("get-proof-by-hash", "hash=AAAA&tree_size=0", 400, "tree_size"),
        ("get-proof-by-hash", f"hash=AAAA&tree_size={SIZE}", 404, "hash"),
        ("get-proof-by-hash", f"hash=AAAA&tree_size={SIZE + 1}", 404, "tree size"),
        ("get-entry-and-proof", "leaf_index=4&tree_size=4", 400, "out of range"),
        ("get-entry-and-proof", f"leaf_index=4&tree_size={SIZE + 1}", 400, "need tree size"),
        ("get-something", "", 404, "no such"),
    ],
)  # fmt: skip
def test_refusals(client: Client, endpoint: str, query: str, status: int, text: str) -> None:
    """Bad parameters are 400, unknown things 404, with a reason in plain text as CTFE gives it."""
    answer = client.get(f"{endpoint}?{query}")
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "text/plain; charset=utf-8")
    assert text in answer.text


def test_unknown_logs_and_methods(client: Client) -> None:
    """Another log's name is 404, a POST to a log 405."""
    assert client.session.get(f"{client.server.url}other/ct/v1/get-sth", timeout=5).status_code == 404
    address = f"{client.server.log_url(NAME)}ct/v1/add-chain"
    assert client.session.post(address, json={}, timeout=5).status_code == 405


def test_inclusion_proofs(client: Client, log: LocalLog) -> None:
    """Both proof endpoints lead from a leaf to the head of any size; of equal leaves the first is meant."""
    draw = Random(1)
    for size in (1, 2, 33, 1000, SIZE):
        index, root = draw.randrange(size), log.head(size).root_hash
        leaf_hash = merkle.leaf_hash(log.entries[index].leaf_input)
        document = client.json("get-proof-by-hash", hash=b64encode(leaf_hash).decode(), tree_size=size)
        proof = parse_get_proof_by_hash(document)
        assert proof.leaf_index == index
        merkle.verify_inclusion(leaf_hash, index, size, proof.audit_path, root)
        document = client.json("get-entry-and-proof", leaf_index=index, tree_size=size)
        entry = parse_get_entry_and_proof(document)
        assert (entry.leaf_input, entry.extra_data) == (
            log.entries[index].leaf_input,
            log.entries[index].extra_data,
        )
        assert entry.audit_path == proof.audit_path


def test_a_leaf_is_unknown_to_smaller_trees(client: Client, log: LocalLog) -> None:
    """get-proof-by-hash for a size that does not reach the leaf is 404."""
    leaf_hash = merkle.leaf_hash(log.entries[100].leaf_input)
    answer = client.get("get-proof-by-hash", hash=b64encode(leaf_hash).decode(), tree_size=100)
    assert answer.status_code == 404


@pytest.mark.parametrize("first", [0, 1, 32, 777, SIZE])
def test_consistency_proofs(client: Client, log: LocalLog, first: int) -> None:
    """get-sth-consistency proves that a smaller head is a beginning of the present one."""
    proof = parse_get_sth_consistency(client.json("get-sth-consistency", first=first, second=SIZE))
    roots = log.head(first).root_hash, log.head(SIZE).root_hash
    merkle.verify_consistency(first, SIZE, *roots, proof)


def test_roots(client: Client) -> None:
    """get-roots gives the self-signed certificates that all chains end in."""
    certificates = client.json("get-roots")["certificates"]
    roots = [x509.load_der_x509_certificate(b64decode(each)) for each in certificates]
    assert len(roots) == 2
    for root in roots:
        root.verify_directly_issued_by(root)


def test_a_log_grows(connect: Connect) -> None:
    """Only published entries are there; publish() makes the head larger, and it never becomes smaller."""
    log = LocalLog.generate(NAME, 50, 1, published=20)
    with connect(log) as client:
        before = parse_get_sth(client.json("get-sth"))
        assert before.tree_size == 20
        assert indices(client, 15, 30) == (15, 5)
        assert client.get("get-entries", start=20, end=30).status_code == 400
        log.publish(50)
        after = parse_get_sth(client.json("get-sth"))
        assert (after.tree_size, after.timestamp_ms > before.timestamp_ms) == (50, True)
        with pytest.raises(ConfigurationError):
            log.publish(49)


def test_an_empty_log(connect: Connect) -> None:
    """A log without entries has a signed head over the empty tree."""
    log = LocalLog.generate(NAME, 0, 1)
    with connect(log) as client:
        head = parse_get_sth(client.json("get-sth"))
        signatures.verify_tree_head(head, log.key_der)
        assert (head.tree_size, head.root_hash) == (0, merkle.EMPTY_ROOT)
        assert client.get("get-entries", start=0, end=0).status_code == 400


def test_recorded_entries(connect: Connect, shared_data: Path) -> None:
    """Entries recorded from a real log are served byte for byte, under a key of the local log's own."""
    recorded = orjson.loads((shared_data / "responses/ctgo/get-entries.four-entries.pilot-0-3.json").read_bytes())
    pairs = [(b64decode(e["leaf_input"]), b64decode(e["extra_data"])) for e in recorded["entries"]]
    log = LocalLog.from_entries(NAME, pairs, 1)
    with connect(log) as client:
        assert client.json("get-entries", start=0, end=3)["entries"] == recorded["entries"]
        signatures.verify_tree_head(parse_get_sth(client.json("get-sth")), log.key_der)
        assert not log.truth


def test_gzip_only_when_enabled_and_asked_for(connect: Connect) -> None:
    """Content-Encoding is gzip if the server has it on and the client accepts it; the body is the same."""
    with connect(gzip=True) as client:
        packed = client.get("get-entries", start=0, end=9)
        client.session.headers["Accept-Encoding"] = "identity"
        plain = client.get("get-entries", start=0, end=9)
    with connect() as client:
        off = client.get("get-entries", start=0, end=9)
    assert [each.headers.get("Content-Encoding") for each in (packed, plain, off)] == ["gzip", None, None]
    assert int(packed.headers["Content-Length"]) < len(plain.content)
    assert packed.content == plain.content == off.content


def test_connections_are_kept_and_counted(client: Client) -> None:
    """Many requests travel on one connection; stats tell requests and entries by log, endpoint and status."""
    first = client.get("get-sth", stream=True)
    client.get("get-entries", start=0, end=9)
    client.get("get-entries", start=SIZE, end=SIZE)
    assert "Connection" not in first.headers
    stats = client.session.get(f"{client.server.url}stats", timeout=5).json()
    assert stats == client.server.stats()
    assert stats["logs"][NAME] == {
        "requests": 3,
        "entries": 10,
        "statuses": {"200": 2, "400": 1},
        "endpoints": {"get-sth": 1, "get-entries": 2},
    }
    assert (stats["requests"], stats["entries"]) == (3, 10)


def test_stop_ends_idle_connections(connect: Connect) -> None:
    """A client that keeps its connection open does not keep the server from stopping, nor the port in use."""
    with connect() as client:
        client.get("get-sth")
        port = int(client.server.url.split(":")[-1].strip("/"))
        began = time.monotonic()
        client.server.stop()
        assert time.monotonic() - began < 2
        with connect(port=port) as again:
            assert again.get("get-sth").status_code == 200


def test_a_port_in_use_is_said_in_one_line(client: Client, log: LocalLog) -> None:
    """A second server on the same port is refused with a sentence, as are two logs of one name."""
    port = int(client.server.url.split(":")[-1].strip("/"))
    with pytest.raises(ConfigurationError, match="choose another port"):
        LocalLogServer([log], port=port)
    with pytest.raises(ConfigurationError, match="name of its own"):
        LocalLogServer([log, log])

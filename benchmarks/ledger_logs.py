"""The bundled logs at their whole size, as far as a ledger sees them: sizes, hashes of ranges, heads over HTTP.

The sizes are made up, from a tenth of to five times the mean, as those of the real logs lie between 10^8 and 3 * 10^9
entries. A log ends with a whole range. The node of a range is that of PIECES nodes inside it, each the hash of its
place: so much of a tree is enough for a signed root to which every range leads.
"""

import base64
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise

import orjson

from ctcollect.catalogue import Log, bundled
from ctcollect.local_log.keys import private_key, spki
from ctcollect.protocol.merkle import node_hash, tree_root
from ctcollect.protocol.rfc6962 import SignedTreeHead
from ctcollect.protocol.signatures import sign_tree_head
from ctcollect.ranges import RANGE_ENTRIES, RANGE_LEVEL

ENTRIES = 4 * 10**10
PIECES = 8
PIECE_LEVEL = RANGE_LEVEL - (PIECES - 1).bit_length()
KEY = private_key(8, "ledger")
TIMESTAMP_MS = 1_790_000_000_000
WEIGHTS = (50, 20, 10, 5, 5, 4, 3, 1)
# The hashes of an audit path below a range, of which no check of the range makes use.
INSIDE = (bytes(32),) * RANGE_LEVEL


@dataclass(frozen=True)
class MadeLog:
    """A bundled log under a key of ours, with ``ranges`` whole ranges in its tree."""

    log: Log
    ranges: int

    @property
    def tree_size(self) -> int:
        return self.ranges * RANGE_ENTRIES

    def range_root(self, number: int) -> bytes:
        """The node over a range."""
        pieces = [
            sha256(f"{self.log.log_id}:{number * RANGE_ENTRIES}:{piece}".encode()).digest() for piece in range(PIECES)
        ]
        return tree_root(pieces)

    @cached_property
    def _levels(self) -> list[Sequence[bytes]]:
        """The nodes of each level above the ranges; a last odd node goes up unchanged."""
        levels: list[Sequence[bytes]] = [[self.range_root(number) for number in range(self.ranges)]]
        while len(levels[-1]) > 1:
            nodes = levels[-1]
            parents = [node_hash(left, right) for left, right in list(pairwise(nodes))[::2]]
            levels.append([*parents, *nodes[len(parents) * 2 :]])
        return levels

    def root(self) -> bytes:
        return self._levels[-1][0]

    def audit_path(self, number: int) -> tuple[bytes, ...]:
        """That of the first leaf of a range."""
        above: list[bytes] = []
        for nodes in self._levels[:-1]:
            above += nodes[number ^ 1 : (number ^ 1) + 1]
            number //= 2
        return (*INSIDE, *above)

    @cached_property
    def head(self) -> SignedTreeHead:
        return sign_tree_head(self.tree_size, TIMESTAMP_MS, self.root(), KEY)


def made_logs(entries: int, port: int) -> list[MadeLog]:
    """All bundled logs, together about ``entries`` and each at least one range, read from this port of 127.0.0.1."""
    logs = bundled()
    weights = [WEIGHTS[number % len(WEIGHTS)] for number in range(len(logs))]
    return [
        MadeLog(
            replace(log, url=f"http://127.0.0.1:{port}/{log.log_id}/", key=spki(KEY), kind="rfc6962"),
            max(1, round(entries * weight / sum(weights) / RANGE_ENTRIES)),
        )
        for log, weight in zip(logs, weights, strict=True)
    ]


@contextmanager
def served_heads(logs: Sequence[MadeLog], port: int) -> Iterator[None]:
    """get-sth of each of these logs, and nothing else, by a thread of this process."""
    heads = {f"/{each.log.log_id}/ct/v1/get-sth": _get_sth(each.head) for each in logs}

    class Heads(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = heads.get(self.path, b"")
            self.send_response(200 if body else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", port), Heads) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield
        server.shutdown()


def _get_sth(head: SignedTreeHead) -> bytes:
    return orjson.dumps(
        {
            "tree_size": head.tree_size,
            "timestamp": head.timestamp_ms,
            "sha256_root_hash": base64.b64encode(head.root_hash).decode(),
            "tree_head_signature": base64.b64encode(head.signature).decode(),
        }
    )

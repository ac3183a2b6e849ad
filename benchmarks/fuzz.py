"""A million broken inputs for every parser and for the recorder: each gives a value or its own error, soon.

    python -m benchmarks.fuzz [--inputs N] [--seed N] [--write]

Inputs are good ones with some changes, and some of no origin. Status 1 when anything else is raised, when an input
takes longer than a second, or when the recorder's tables do not agree with each other in the end. Takes some minutes.
"""

import argparse
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import pybase64

from benchmarks.common import machine_line, markdown_table, write_between_markers
from benchmarks.fuzz_recorder import RecorderTarget
from benchmarks.mutations import broken_bytes, broken_document, broken_text
from ctcollect import domains
from ctcollect.catalogue import read_log_list
from ctcollect.certificate import dns_names, from_entry
from ctcollect.client import parse_retry_after
from ctcollect.errors import BadSignature, ConfigurationError, HarvestRefused, MalformedEntry
from ctcollect.harvest import Harvest, Order
from ctcollect.local_log import LocalLog, LocalLogServer
from ctcollect.protocol import rfc6962
from ctcollect.protocol.codec import decode_base64
from ctcollect.protocol.signatures import verify_tree_head

PAGE = Path(__file__).parents[1] / "docs" / "chaos.md"
ENTRIES = 4096
SLOWEST_SECONDS = 1.0
RECORDER_SHARE = 0.02
FAULTS_SHOWN = 10
NAMES = (
    "www.example.co.jp",
    "*.\u4f8b\u3048.jp",
    "xn--r8jz45g.jp",
    "a.b.city.kawasaki.jp",
    "\uff45\uff58.\uff4a\uff50",
    "x.jp.",
)
RETRY_AFTER = ("120", "Fri, 21 Nov 2025 07:28:00 GMT", "0", "Sunday, 06-Nov-94 08:49:37 GMT", "1e9", "-5")


class Target(NamedTuple):
    """One parser: ``make`` draws an input, ``parse`` must give a value or raise one of ``allowed``."""

    name: str
    make: Callable[[Random], Any]
    parse: Callable[[Any], object]
    allowed: tuple[type[Exception], ...] = ()


@dataclass
class Tally:
    """What came of the inputs of one target."""

    outcomes: Counter[str] = field(default_factory=Counter)
    slowest_seconds: float = 0.0
    faults: list[str] = field(default_factory=list)


def run_target(target: Target, draw: Random, inputs: int) -> Tally:
    tally = Tally()
    for _ in range(inputs):
        given = target.make(draw)
        started_at = time.thread_time()
        try:
            target.parse(given)
            outcome = "a value"
        except target.allowed as error:
            outcome = type(error).__name__
        except Exception as error:
            outcome = f"**{type(error).__name__}**"
            tally.faults.append(f"{target.name}: {error!r} for {given!r:.2000}")
        seconds = time.thread_time() - started_at
        if seconds > SLOWEST_SECONDS:
            tally.faults.append(f"{target.name}: {seconds:.1f} s for {given!r:.2000}")
        tally.slowest_seconds = max(tally.slowest_seconds, seconds)
        tally.outcomes[outcome] += 1
    return tally


class Samples:
    """Good input of each kind, all of one local log with every oddity that it knows."""

    def __init__(self, server: LocalLogServer, log: LocalLog) -> None:
        self.entries = log.entries
        self.parsed = list(_parsed(log))
        self.leaves = [leaf for leaf, _ in self.parsed]
        self.key = log.key_der
        self.log_list = server.log_list()
        head = log.head()
        self.head = {
            "tree_size": head.tree_size,
            "timestamp": head.timestamp_ms,
            "sha256_root_hash": _text(head.root_hash),
            "tree_head_signature": _text(head.signature),
        }
        path = [_text(node) for node in log.tree.audit_path(7, head.tree_size)]
        entry = log.entries[7]
        self.entry_and_proof = {
            "leaf_input": _text(entry.leaf_input),
            "extra_data": _text(entry.extra_data),
            "audit_path": path,
        }
        self.proof = {"leaf_index": 7, "audit_path": path}
        nodes = log.tree.consistency_proof(1000, head.tree_size)
        self.consistency = {"consistency": [_text(node) for node in nodes]}


def _text(data: bytes) -> str:
    return pybase64.b64encode_as_string(data)


def _parsed(log: LocalLog) -> Iterator[tuple[rfc6962.MerkleTreeLeaf, rfc6962.ExtraData]]:
    for entry in log.entries:
        with suppress(MalformedEntry):  # some of a log's oddities are no entries at all
            leaf = rfc6962.parse_leaf(entry.leaf_input)
            yield leaf, rfc6962.parse_extra_data(entry.extra_data, leaf.entry_type)


def protocol_targets(samples: Samples) -> Iterator[Target]:
    """Bytes and answers of logs."""

    def some_leaf(draw: Random) -> bytes:
        return broken_bytes(draw, draw.choice(samples.entries).leaf_input)

    def some_extra_data(draw: Random) -> tuple[bytes, rfc6962.EntryType]:
        return broken_bytes(draw, draw.choice(samples.entries).extra_data), draw.choice(list(rfc6962.EntryType))

    def parse_head(document: object) -> None:
        verify_tree_head(rfc6962.parse_get_sth(document), samples.key)

    yield Target("MerkleTreeLeaf", some_leaf, rfc6962.parse_leaf, (MalformedEntry,))
    yield Target("is_well_formed", some_leaf, rfc6962.is_well_formed)
    yield Target("extra_data", some_extra_data, lambda given: rfc6962.parse_extra_data(*given), (MalformedEntry,))
    yield Target("base64", partial(_some_text, [samples.proof["audit_path"][0]]), decode_base64, (MalformedEntry,))  # type: ignore[index]
    yield _answer("get-sth and its signature", samples.head, parse_head, BadSignature)
    yield _answer("get-sth-consistency", samples.consistency, rfc6962.parse_get_sth_consistency)
    yield _answer("get-proof-by-hash", samples.proof, rfc6962.parse_get_proof_by_hash)
    yield _answer("get-entry-and-proof", samples.entry_and_proof, rfc6962.parse_get_entry_and_proof)


def _answer(name: str, valid: object, parse: Callable[[object], object], *allowed: type[Exception]) -> Target:
    return Target(name, partial(_some_document, [valid]), parse, (MalformedEntry, *allowed))


def _some_document(valid: list[Any], draw: Random) -> Any:
    return broken_document(draw, draw.choice(valid))


def _some_text(valid: list[str], draw: Random) -> str:
    return broken_text(draw, draw.choice(valid))


def certificate_targets(samples: Samples) -> Iterator[Target]:
    """Certificates and names."""

    def some_certificate(draw: Random) -> tuple[bytes, bool]:
        leaf = draw.choice(samples.leaves)
        return broken_bytes(draw, leaf.certificate or leaf.tbs_certificate or b""), leaf.certificate is None

    def some_entry(draw: Random) -> tuple[rfc6962.MerkleTreeLeaf, rfc6962.ExtraData | None]:
        leaf, extra_data = draw.choice(samples.parsed)
        if leaf.certificate is not None:
            return replace(leaf, certificate=broken_bytes(draw, leaf.certificate)), extra_data
        return replace(leaf, tbs_certificate=broken_bytes(draw, leaf.tbs_certificate or b"")), extra_data

    names = partial(_some_text, list(NAMES))
    yield Target("dns_names", some_certificate, lambda given: dns_names(*given), (MalformedEntry,))
    yield Target("from_entry", some_entry, lambda given: from_entry(*given), (MalformedEntry,))
    for function in (domains.normalise, domains.is_jp, domains.registered_domain, domains.organisation_type):
        yield Target(function.__name__, names, function)


def message_targets(samples: Samples, recorder: RecorderTarget) -> Iterator[Target]:
    """What comes over the broker, from a file or in a header."""

    def some_list(draw: Random) -> str | bytes:
        if draw.random() < 0.5:
            return json.dumps(broken_document(draw, samples.log_list))
        return broken_bytes(draw, json.dumps(samples.log_list).encode())

    harvests = partial(_some_document, recorder.documents)
    orders = partial(_some_document, [order.to_json() for order in recorder.orders])
    now = datetime.now(UTC)
    yield Target("read_log_list", some_list, read_log_list, (ConfigurationError,))
    yield Target("Order.from_json", orders, Order.from_json, (ConfigurationError,))
    yield Target("Harvest.from_json", harvests, Harvest.from_json, (HarvestRefused,))
    yield Target(
        "Retry-After", partial(_some_text, list(RETRY_AFTER)), lambda text: parse_retry_after(text, now) is None
    )


def fuzz(inputs: int, seed: int) -> tuple[str, list[str]]:
    """The table, and what went wrong."""
    log = LocalLog.generate("fuzz", ENTRIES, seed, odd_share=0.2, jp_share=0.1)
    with LocalLogServer([log]) as server, RecorderTarget(server) as recorder:
        samples = Samples(server, log)
        parsers = [*protocol_targets(samples), *certificate_targets(samples), *message_targets(samples, recorder)]
        recorded = int(inputs * RECORDER_SHARE)
        shares = {target: (inputs - recorded) // len(parsers) for target in parsers}
        shares[parsers[0]] += inputs - recorded - sum(shares.values())
        shares[Target("recorder, on SQLite", recorder.make, recorder.record, (HarvestRefused,))] = recorded
        tallies = {
            target.name: run_target(target, Random(f"{seed} {target.name}"), count) for target, count in shares.items()
        }
        faults = [fault for tally in tallies.values() for fault in tally.faults] + recorder.disagreements()
    rows = [
        (
            name,
            f"{tally.outcomes.total():,}",
            ", ".join(f"{count:,} {outcome}" for outcome, count in tally.outcomes.most_common()),
            f"{1000 * tally.slowest_seconds:.1f}",
        )
        for name, tally in tallies.items()
    ]
    table = markdown_table(["parser", "inputs", "outcomes", "slowest, ms"], rows)
    total = sum(tally.outcomes.total() for tally in tallies.values())
    line = f"Measured on {machine_line()}: {total:,} inputs of seed {seed}, {len(faults)} faults."
    return f"{line}\n\n{table}", faults


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--inputs", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", action="store_true", help=f"put the table into {PAGE.name}")
    options = parser.parse_args()
    table, faults = fuzz(options.inputs, options.seed)
    print(table)
    if options.write:
        write_between_markers(PAGE, "fuzz", table)
    if faults:
        raise SystemExit("\n".join(faults[:FAULTS_SHOWN]))


if __name__ == "__main__":
    main()

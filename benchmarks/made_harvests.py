"""Harvests as workers send them, of certificates that nobody has seen: for benchmarks/bench_recorder.py.

A real Broker puts them into Redis, from which the messages are taken as they lie there, into a file. Certificates are
of real size (leaf 1.2 kB, chain 2 kB), each with a serial, a key and names of its own; half of what the last log shows
are certificates of which the first one has shown the precertificates.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import BinaryIO

from benchmarks.common import JP_SHARE
from ctcollect import __version__
from ctcollect.broker import Broker
from ctcollect.harvest import Harvest, HarvestEntry
from ctcollect.local_log import der, extensions, keys
from ctcollect.local_log.certificates import Tbs, attribute, sct_list
from ctcollect.local_log.issuers import Issuer, issuers
from ctcollect.protocol.merkle import HASH_BYTES, audit_path, leaf_hash, tree_root
from ctcollect.protocol.rfc6962 import EntryType, ExtraData, MerkleTreeLeaf
from ctcollect.ranges import RANGE_ENTRIES, UNIT_ENTRIES, Span
from ctcollect.routing import RESULTS

WORKERS = 500
COMMON_NAME = der.oid("2.5.4.3")
SUFFIXES = ("jp", "jp", "jp", "co.jp", "co.jp", "or.jp", "ne.jp", "ac.jp", "tokyo.jp")
FIRST_DAY = datetime(2025, 1, 1, tzinfo=UTC)
ECHOED_SHARE = 0.5
REMEMBERED = 4096
MESSAGES_AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class MadeLog:
    """``subrange_entries`` are those of the operator's logs in the catalogue."""

    name: str
    queue: str
    subrange_entries: int

    @property
    def log_id(self) -> str:
        return sha256(self.name.encode()).hexdigest()


QUEUES = (("google", 1024), ("digicert", 2048), ("trustasia", 2048), ("cloudflare", 16384))


def made_logs(seed: int, count: int = 8) -> list[MadeLog]:
    """Two logs of each operator; other ones for another seed."""
    chosen = [QUEUES[number % len(QUEUES)] for number in range(count)]
    return [MadeLog(f"bench-{seed}-{number}", *queue) for number, queue in enumerate(chosen)]


def spans(logs: Sequence[MadeLog], entries: int) -> Iterator[tuple[MadeLog, Span]]:
    """Sub-ranges of all logs in turn, the same number of entries of each, until they are ``entries`` together."""
    done = dict.fromkeys(logs, 0)
    while sum(done.values()) < entries:
        log = min(logs, key=lambda each: done[each])
        yield log, Span(done[log], done[log] + log.subrange_entries)
        done[log] += log.subrange_entries


def wanted(logs: Sequence[MadeLog], entries: int) -> dict[MadeLog, int]:
    """How many entries of each log, in whole ranges, hold what spans() gives."""
    ends: dict[MadeLog, int] = {}
    for log, span in spans(logs, entries):
        ends[log] = -(-span.end // RANGE_ENTRIES) * RANGE_ENTRIES
    return ends


@dataclass
class Maker:
    """Draws certificates and puts them into harvests."""

    seed: int
    logs: Sequence[MadeLog]
    _echoes: deque[tuple[Issuer, Tbs]] = field(default_factory=lambda: deque(maxlen=REMEMBERED))

    def __post_init__(self) -> None:
        self._draw = Random(self.seed)
        self._issuers = issuers(1)
        scts = (self._draw.randbytes(32) for _ in range(2))
        self._sct_list = sct_list(b"\0" + log_id + bytes(86) for log_id in scts)
        self._keys = [each.spki for each in keys.subscriber_keys(self.seed, rsa_count=0)]

    def harvest(self, log: MadeLog, span: Span) -> Harvest:
        """All of a sub-range, the last one of its order."""
        positions = self._draw.sample(range(*span), int(len(span) * JP_SHARE + self._draw.random()))
        entries = {index: self._entry(log) for index in sorted(positions)}
        roots, proofs = self._prove(span, {index: leaf for index, (leaf, _) in entries.items()})
        return Harvest(
            log_id=log.log_id,
            queue=log.queue,
            order_start=span.start,
            order_end=span.end,
            start=span.start,
            end=span.end,
            unit_roots=roots,
            first_leaf_hash=self._draw.randbytes(HASH_BYTES),
            entries=tuple(HarvestEntry(index, *entries[index], proof) for index, proof in proofs.items()),
            last=True,
            requests=len(span) // 32,
            received_bytes=len(span) * 4500,
            client=__version__,
        )

    def _prove(self, span: Span, leaves: dict[int, bytes]) -> tuple[bytes, dict[int, tuple[bytes, ...]]]:
        """The units' roots, and each leaf's path; what the recorder never sees, the other leaves' hashes, is drawn."""
        roots: list[bytes] = []
        proofs: dict[int, tuple[bytes, ...]] = {}
        for start in range(span.start, span.end, UNIT_ENTRIES):
            inside = [index for index in range(start, start + UNIT_ENTRIES) if index in leaves]
            if not inside:
                roots.append(self._draw.randbytes(HASH_BYTES))
                continue
            hashes = [self._draw.randbytes(HASH_BYTES) for _ in range(UNIT_ENTRIES)]
            for index in inside:
                hashes[index - start] = leaf_hash(leaves[index])
            roots.append(tree_root(hashes))
            proofs |= {index: tuple(audit_path(hashes, index - start)) for index in inside}
        return b"".join(roots), proofs

    def _entry(self, log: MadeLog) -> tuple[bytes, bytes]:
        """(leaf_input, extra_data)."""
        if log == self.logs[-1] and self._echoes and self._draw.random() < ECHOED_SHARE:
            return self._certificate(*self._echoes.popleft())
        issuer, tbs = made = self._draw.choice(self._issuers), self._tbs()
        if log == self.logs[0]:
            self._echoes.append(made)
        signed_for = tbs.encode(issuer.authority)
        leaf = MerkleTreeLeaf(self._timestamp_ms(), EntryType.PRECERT, None, issuer.authority.key_hash, signed_for)
        precertificate = self._signed(tbs.encode(issuer.authority, extensions.POISON))
        return leaf.encode(), ExtraData(precertificate, issuer.authority.chain).encode()

    def _certificate(self, issuer: Issuer, tbs: Tbs) -> tuple[bytes, bytes]:
        certificate = self._signed(tbs.encode(issuer.authority, self._sct_list))
        leaf = MerkleTreeLeaf(self._timestamp_ms(), EntryType.X509, certificate, None, None)
        return leaf.encode(), issuer.chain

    def _signed(self, tbs: bytes) -> bytes:
        """The signature is drawn: nobody checks it."""
        algorithm = der.sequence(der.oid("1.2.840.10045.4.3.2"))
        return der.sequence(tbs, algorithm, der.bit_string(self._draw.randbytes(71)))

    def _tbs(self) -> Tbs:
        draw = self._draw
        begun = FIRST_DAY + timedelta(seconds=draw.randrange(365 * 86400))
        name = f"{draw.choice(('shop-', 'kaisha', 'blog', 'd'))}{draw.getrandbits(21):x}.{draw.choice(SUFFIXES)}"
        names = [name, f"www.{name}"] if draw.random() < 0.8 else [name]
        spki = self._spki()
        return Tbs(
            serial=der.integer(draw.getrandbits(143) | 1 << 142),
            not_before=der.time(begun),
            not_after=der.time(begun + timedelta(days=90)),
            rdns=(attribute(COMMON_NAME, der.utf8(name)),),
            spki=spki,
            extensions=(
                *draw.choice(self._issuers).extensions,
                extensions.subject_key_id(sha256(spki).digest()[:20]),
                extensions.subject_alt_name([der.implicit(2, each.encode()) for each in names]),
            ),
        )

    def _spki(self) -> bytes:
        """Two of three RSA-2048, whose modulus is any odd number; a few P-256 keys, for those must be real ones."""
        if self._draw.random() < 1 / 3:
            return self._draw.choice(self._keys)
        modulus = self._draw.getrandbits(2048) | 1 << 2047 | 1
        public_key = der.sequence(der.integer(modulus), der.integer(65537))
        return der.sequence(keys.RSA_ALGORITHM, der.bit_string(public_key))

    def _timestamp_ms(self) -> int:
        return 1_750_000_000_000 + self._draw.randrange(10**9)


def write_messages(out: BinaryIO, broker: Broker, seed: int, entries: int) -> int:
    """Each message with its length in four octets before it; the broker's list of harvests is used, and emptied.

    Returns how many they are.
    """
    logs = made_logs(seed)
    maker = Maker(seed, logs)
    number = 0
    for number, (log, span) in enumerate(spans(logs, entries), 1):
        broker.send_harvest(maker.harvest(log, span), f"friend{number % WORKERS}@host")
        if number % MESSAGES_AT_ONCE == 0:
            _take_out(broker, out)
    _take_out(broker, out)
    return number


def _take_out(broker: Broker, out: BinaryIO) -> None:
    with broker.client() as client:
        for message in reversed(client.lrange(RESULTS, 0, -1)):
            out.write(len(message).to_bytes(4, "big") + message)
        client.delete(RESULTS)


def read_messages(file: Path) -> Iterator[bytes]:
    """The messages of such a file, the oldest first."""
    with file.open("rb") as messages:
        while size := messages.read(4):
            yield messages.read(int.from_bytes(size, "big"))

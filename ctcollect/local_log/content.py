"""The entries of a generated log and the truth about each, by seed and mix alone."""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count, cycle
from random import Random

from ctcollect.errors import ConfigurationError
from ctcollect.local_log import certificates, der, extensions, keys, names, oddities
from ctcollect.local_log.certificates import SctSigner, Tbs
from ctcollect.local_log.entries import Entry, Truth
from ctcollect.local_log.issuers import Issuer, issuers
from ctcollect.local_log.names import Names
from ctcollect.protocol.codec import opaque24
from ctcollect.protocol.rfc6962 import EntryType, MerkleTreeLeaf

DEFAULT_START_MS = 1_733_011_200_000  # 2024-12-01T00:00:00Z
DEFAULT_STEP_MS = 60_000
LONGEST_WAIT_ENTRIES = 400
LONGEST_MERGE_MS = 86_400_000


@dataclass(frozen=True)
class Mix:
    """Shares of all issuances, from 0 to 1; ConfigurationError when they do not fit together.

    ``signing_certificate`` is a share of the precertificates of the one CA that has such a certificate.
    """

    jp: float = 0.02
    near_miss: float = 0.10
    odd: float = 0.004
    precert_and_final: float = 0.30
    final_only: float = 0.20
    signing_certificate: float = 0.30

    def __post_init__(self) -> None:
        for shares in ((self.jp, self.near_miss, self.odd), (self.precert_and_final, self.final_only)):
            if min(shares) < 0 or sum(shares) > 1:
                raise ConfigurationError(f"the shares {shares} of a local log are not between 0 and 1 in sum")


@dataclass(frozen=True, slots=True)
class Issuance:
    """One certificate to be, before it is signed in either form."""

    number: int
    tbs: Tbs
    issuer: Issuer
    names: Names
    odd: str
    timestamp_ms: int
    by_signing_authority: bool

    @property
    def leaf(self) -> MerkleTreeLeaf:
        """The precertificate entry: no poison, and the final issuer's name whoever signs."""
        authority = self.issuer.authority
        tbs = self.tbs.encode(authority)
        return MerkleTreeLeaf(self.timestamp_ms, EntryType.PRECERT, None, authority.key_hash, tbs)


@dataclass
class Writer:
    """Writes a log's entries one after the other, without end.

    A share ``late`` of them, 0 to 1, was promised up to a day before they are merged: their timestamps are so much
    earlier than their neighbours'.
    """

    seed: int
    mix: Mix
    start_ms: int = DEFAULT_START_MS
    step_ms: int = DEFAULT_STEP_MS
    late: float = 0.0
    draw: Random = field(init=False)

    def __post_init__(self) -> None:
        self.draw = Random(f"{self.seed}/content")
        self.draw_late = Random(f"{self.seed}/late")
        self.issuers = issuers(self.seed)
        self.sct_signers = [SctSigner(keys.private_key(self.seed, f"sct {n}")) for n in (1, 2)]
        self.keys = keys.subscriber_keys(self.seed)
        self.oddities = cycle(oddities.ALL)
        self.jp = names.deal(names.JP, self.draw)
        self.near_misses = names.deal(names.NEAR_MISSES, self.draw)
        self.others = names.deal(names.OTHERS, self.draw)

    @property
    def roots(self) -> tuple[bytes, ...]:
        """The self-signed certificates that the chains end in, DER."""
        return tuple(dict.fromkeys(issuer.authority.chain[-1] for issuer in self.issuers))

    def entries(self) -> Iterator[tuple[Entry, Truth]]:
        """New certificates in turn with the finals whose precertificate came earlier."""
        waiting: list[tuple[int, int, Issuance]] = []
        numbers = count()
        for index in count():
            timestamp_ms = self.start_ms + index * self.step_ms - self._merge_ms()
            if waiting and waiting[0][0] <= index:
                yield self.final(heapq.heappop(waiting)[2], timestamp_ms)
                continue
            issuance = self.issue(next(numbers), timestamp_ms)
            form = self.draw.random()
            if form < self.mix.final_only or issuance.odd not in ("", *oddities.IN_TBS):
                yield self.final(issuance, timestamp_ms)
                continue
            if form < self.mix.final_only + self.mix.precert_and_final:
                due = index + self.draw.randint(1, LONGEST_WAIT_ENTRIES)
                heapq.heappush(waiting, (due, issuance.number, issuance))
            yield self.precert(issuance)

    def _merge_ms(self) -> int:
        """How long the next entry has waited to be merged."""
        return self.draw_late.randrange(LONGEST_MERGE_MS) if self.draw_late.random() < self.late else 0

    def issue(self, number: int, timestamp_ms: int) -> Issuance:
        """The next certificate, asked for an hour after its notBefore."""
        subscriber, odd = self._subscriber()
        issuer = self.draw.choice(self.issuers)
        tbs = self._tbs(subscriber, issuer, timestamp_ms)
        if odd in oddities.IN_TBS:
            tbs = oddities.IN_TBS[odd](tbs, self.draw)
        by_signing = issuer.signing is not None and self.draw.random() < self.mix.signing_certificate
        return Issuance(number, tbs, issuer, subscriber, odd, timestamp_ms, by_signing)

    def _subscriber(self) -> tuple[Names, str]:
        """Who asks for a certificate, and its oddity; half of the odd ones are for .jp names."""
        share = self.draw.random()
        if share < self.mix.odd:
            return next(self.jp if self.draw.random() < 0.5 else self.others), next(self.oddities)
        if share < self.mix.odd + self.mix.jp:
            return next(self.jp), ""
        if share < self.mix.odd + self.mix.jp + self.mix.near_miss:
            return next(self.near_misses), ""
        return next(self.others), ""

    def _tbs(self, subscriber: Names, issuer: Issuer, timestamp_ms: int) -> Tbs:
        key = self.draw.choice(self.keys)
        not_before = datetime.fromtimestamp(timestamp_ms // 1000 - 3600, UTC)
        alt_names = subscriber.general_names
        return Tbs(
            serial=der.integer(self.draw.getrandbits(127) | 1 << 126),
            not_before=der.time(not_before),
            not_after=der.time(not_before + issuer.lifetime - timedelta(seconds=1)),
            rdns=subscriber.rdns,
            spki=key.spki,
            extensions=(
                extensions.subject_key_id(key.key_id),
                *issuer.extensions,
                *([extensions.subject_alt_name(alt_names)] if alt_names else []),
            ),
        )

    def precert(self, issuance: Issuance) -> tuple[Entry, Truth]:
        """A precert_entry, signed by the issuer itself or by its precertificate signing authority."""
        issuer, chain = issuance.issuer.authority, issuance.issuer.chain
        if issuance.by_signing_authority and issuance.issuer.signing:
            issuer, chain = issuance.issuer.signing, issuance.issuer.signing_chain
        pre_certificate = issuer.sign(issuance.tbs.encode(issuer, extensions.POISON))
        entry = Entry(issuance.leaf.encode(), opaque24(pre_certificate), chain)
        return entry, self._truth(issuance, EntryType.PRECERT)

    def final(self, issuance: Issuance, timestamp_ms: int) -> tuple[Entry, Truth]:
        """An x509_entry with the SCTs of the precertificate in it."""
        leaf = MerkleTreeLeaf(timestamp_ms, EntryType.X509, self._certificate(issuance), None, None)
        return Entry(leaf.encode(), issuance.issuer.chain), self._truth(issuance, EntryType.X509)

    def _certificate(self, issuance: Issuance) -> bytes:
        if issuance.odd in (oddities.RUBBISH, oddities.RUBBISH_WITH_JP):
            return oddities.rubbish(self.draw, issuance.odd == oddities.RUBBISH_WITH_JP)
        authority = issuance.issuer.authority
        scts = certificates.sct_list(signer.sct(issuance.leaf) for signer in self.sct_signers)
        certificate = authority.sign(issuance.tbs.encode(authority, scts))
        return certificate + b"\x00\x00" if issuance.odd == oddities.TRAILING_BYTES else certificate

    def _truth(self, issuance: Issuance, entry_type: EntryType) -> Truth:
        readable = issuance.odd not in (oddities.RUBBISH, oddities.RUBBISH_WITH_JP)
        return Truth(
            jp_names=issuance.names.jp_names if readable else (),
            issuance=f"{self.seed}-{issuance.number}",
            entry_type=entry_type,
            kind=issuance.names.kind,
            odd=issuance.odd or issuance.names.fault,
            readable=readable,
        )

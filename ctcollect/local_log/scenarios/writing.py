"""Planned certificates as entries of logs."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from random import Random
from typing import NamedTuple

from ctcollect.local_log import certificates, der, extensions, keys, names
from ctcollect.local_log.certificates import SctSigner, Tbs
from ctcollect.local_log.entries import Entry, Truth
from ctcollect.local_log.issuers import Issuer
from ctcollect.local_log.scenarios.expected import Scenario
from ctcollect.local_log.scenarios.habits import DIGICERT, ECDSA, RSA, Planned
from ctcollect.local_log.scenarios.issuers import scenario_issuers
from ctcollect.protocol.codec import opaque24
from ctcollect.protocol.rfc6962 import EntryType, MerkleTreeLeaf

KEYS_OF_A_KIND = 10


class Issued(NamedTuple):
    """A certificate before it is signed in either form; ``number`` counts those of all scenarios."""

    number: int
    scenario: int
    planned: Planned
    tbs: Tbs
    issuer: Issuer

    def leaf(self, moment: datetime) -> MerkleTreeLeaf:
        """The precertificate entry of a log that took it then."""
        authority = self.issuer.authority
        tbs = self.tbs.encode(authority)
        return MerkleTreeLeaf(_milliseconds(moment), EntryType.PRECERT, None, authority.key_hash, tbs)


class ScenarioWriter:
    """Writes entries; the seed decides keys and serials, nothing else differs."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.issuers = scenario_issuers(seed)
        self.other_log = SctSigner(keys.private_key(seed, "sct of another log"))
        pool = keys.subscriber_keys(seed, KEYS_OF_A_KIND, KEYS_OF_A_KIND)
        self.keys = {ECDSA: pool[:KEYS_OF_A_KIND], RSA: pool[KEYS_OF_A_KIND:]}

    @property
    def roots(self) -> tuple[bytes, ...]:
        """The self-signed certificates that the chains end in, DER."""
        return tuple(issuer.authority.chain[-1] for issuer in self.issuers.values())

    def issue(self, scenarios: Iterable[Scenario]) -> Iterator[Issued]:
        """Every certificate of these scenarios."""
        draw = Random(f"{self.seed}/scenarios")
        planned = [(scenario.number, each) for scenario in scenarios for each in scenario.planned]
        for number, (scenario, each) in enumerate(planned):
            yield Issued(number, scenario, each, self._tbs(each, draw), self.issuers[each.issuer])

    def _tbs(self, planned: Planned, draw: Random) -> Tbs:
        key = draw.choice(self.keys[planned.key])
        organization = f"Owner of {planned.names[0]}" if planned.issuer == DIGICERT else None
        return Tbs(
            serial=der.integer(draw.getrandbits(127) | 1 << 126),
            not_before=der.time(planned.not_before.astimezone(UTC)),
            not_after=der.time(planned.not_after.astimezone(UTC)),
            rdns=names.subject(der.utf8(planned.names[0]), organization),
            spki=key.spki,
            extensions=(
                extensions.subject_key_id(key.key_id),
                *self.issuers[planned.issuer].extensions,
                extensions.subject_alt_name([names.dns(name) for name in planned.names]),
            ),
        )

    def precert(self, issued: Issued, moment: datetime) -> tuple[Entry, Truth]:
        """A precert_entry of a log that took it at ``moment``."""
        authority = issued.issuer.authority
        pre_certificate = authority.sign(issued.tbs.encode(authority, extensions.POISON))
        entry = Entry(issued.leaf(moment).encode(), opaque24(pre_certificate), issued.issuer.chain)
        return entry, self._truth(issued, EntryType.PRECERT)

    def final(
        self, issued: Issued, moment: datetime, promised: Sequence[tuple[SctSigner, datetime]]
    ) -> tuple[Entry, Truth]:
        """An x509_entry that came at ``moment``, with the SCTs that these logs had ``promised`` before."""
        authority = issued.issuer.authority
        scts = certificates.sct_list(signer.sct(issued.leaf(then)) for signer, then in promised)
        certificate = authority.sign(issued.tbs.encode(authority, scts))
        leaf = MerkleTreeLeaf(_milliseconds(moment), EntryType.X509, certificate, None, None)
        return Entry(leaf.encode(), issued.issuer.chain), self._truth(issued, EntryType.X509)

    def _truth(self, issued: Issued, entry_type: EntryType) -> Truth:
        return Truth(
            jp_names=tuple(sorted(issued.planned.names)),
            issuance=f"scenarios-{self.seed}-{issued.number}",
            entry_type=entry_type,
            kind=f"scenario-{issued.scenario:02}",
        )


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)

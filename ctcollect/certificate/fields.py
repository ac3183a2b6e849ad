"""One entry of a log -> the columns of the table `certificates`."""

import json
import warnings
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from ctcollect.certificate.names import DistinguishedName, find_names
from ctcollect.certificate.readers import Readers
from ctcollect.certificate.sct import Sct, parse_sct_list
from ctcollect.certificate.tbs import (
    TbsCertificate,
    parse_tbs,
    tbs_of_certificate,
    tbs_of_entry,
    without_ct_extensions,
)
from ctcollect.domains import is_jp, normalise
from ctcollect.protocol.rfc6962 import ExtraData, MerkleTreeLeaf

UNREAD = DistinguishedName(None, None, None)


@dataclass(frozen=True, slots=True)
class CertificateFields:
    """One certificate; its precertificate's entry gives the same, save issuer_key_hash and sct_list.

    Hashes are SHA-256 in lower-case hexadecimal, times naive UTC, names of people and things as they stand.
    A field that could not be read is None or empty; ``faults`` says ``field: reason`` for it, and for each
    field that only a more lenient reader could read.
    """

    serial: str | None  # lower-case hexadecimal, whole octets, "-" before a negative one
    issuer_dn: str | None  # RFC 4514
    issuer_cn: str | None
    issuer_o: str | None
    issuer_key_hash: str | None  # of the issuer's SubjectPublicKeyInfo
    authority_key_id: str | None
    subject_dn: str | None
    common_name: str | None  # the first, where there are several
    organization: str | None
    not_before: datetime | None
    not_after: datetime | None
    key_type: str | None
    key_bits: int | None
    spki_hash: str
    tbs_hash: str  # of the TBSCertificate without poison and SCT list
    signature_algorithm: str | None
    policy_oids: tuple[str, ...]  # in the certificate's order
    sct_list: tuple[Sct, ...]  # (log_id, milliseconds since 1970 UTC); empty for a precertificate
    san_names: tuple[str, ...]  # every dNSName in the certificate's order, raw where it is no DNS name
    names: tuple[str, ...]  # DNS names of commonName and subjectAltName: normalised, sorted, each once
    jp_names: tuple[str, ...]  # those of `names` under .jp
    faults: tuple[str, ...]

    @property
    def identity(self) -> str:
        """SHA-256 over the columns that must all agree for two entries to be one certificate.

        What differs between the sightings of one issuance stands outside: log, friend, SCTs, and what only
        some entries tell (issuer_key_hash).
        """
        columns = (
            self.issuer_dn,
            self.serial,
            self.not_before and self.not_before.isoformat(),
            self.not_after and self.not_after.isoformat(),
            self.subject_dn,
            self.common_name,
            self.organization,
            self.san_names,
            self.key_type,
            self.key_bits,
            self.spki_hash,
            self.signature_algorithm,
            self.policy_oids,
            self.authority_key_id,
        )
        return sha256(json.dumps(columns).encode()).hexdigest()


def from_entry(leaf: MerkleTreeLeaf, extra: ExtraData | None) -> CertificateFields:
    """The certificate of an entry; ``extra`` (its chain) only serves to tell an X509 entry's issuer key.

    MalformedEntry when the leaf holds no TBSCertificate; a fault inside of one stays with its field.
    """
    with warnings.catch_warnings(action="ignore"):
        return _from_entry(leaf, extra)


def _from_entry(leaf: MerkleTreeLeaf, extra: ExtraData | None) -> CertificateFields:
    original = parse_tbs(tbs_of_entry(leaf))
    # All that counts for sameness is read from the one form that precertificate and certificate share, so
    # that neither the form nor the reader that the form happens to please can part them.
    shared = without_ct_extensions(original)
    found = find_names(shared)
    names = sorted({normal for name in found.common_names + found.san_names if (normal := normalise(name))})
    readers = Readers(shared)
    issuer = readers.ask("issuer", lambda reader: reader.issuer()) or UNREAD
    subject = readers.ask("subject", lambda reader: reader.subject()) or UNREAD
    return CertificateFields(
        serial=readers.ask("serial", lambda reader: _serial_text(reader.serial())),
        issuer_dn=issuer.text,
        issuer_cn=issuer.common_name,
        issuer_o=issuer.organization,
        issuer_key_hash=readers.attempt("issuer_key_hash", lambda: _issuer_key_hash(leaf, extra, shared)),
        authority_key_id=readers.ask("authority_key_id", lambda reader: reader.authority_key_id()),
        subject_dn=subject.text,
        common_name=subject.common_name,
        organization=subject.organization,
        not_before=readers.ask("not_before", lambda reader: reader.not_before()),
        not_after=readers.ask("not_after", lambda reader: reader.not_after()),
        key_type=readers.ask("key_type", lambda reader: reader.key_type()),
        key_bits=readers.ask("key_bits", lambda reader: reader.key_bits()),
        spki_hash=sha256(shared.subject_public_key_info).hexdigest(),
        tbs_hash=sha256(shared.whole).hexdigest(),
        signature_algorithm=readers.ask("signature_algorithm", lambda reader: reader.signature_algorithm()),
        policy_oids=readers.ask("policy_oids", lambda reader: reader.policy_oids()) or (),
        sct_list=readers.attempt("sct_list", lambda: parse_sct_list(original)) or (),
        san_names=tuple(normalise(name) or name for name in found.san_names),
        names=tuple(names),
        jp_names=tuple(filter(is_jp, names)),
        faults=tuple(dict.fromkeys((*readers.faults, *found.faults))),
    )


def _serial_text(serial: int) -> str:
    digits = f"{abs(serial):x}"
    return "-" * (serial < 0) + "0" * (len(digits) % 2) + digits


def _issuer_key_hash(leaf: MerkleTreeLeaf, extra: ExtraData | None, tbs: TbsCertificate) -> str | None:
    """A precert entry names its issuer's key; for an X509 entry the chain does, where it fits the issuer."""
    if leaf.issuer_key_hash is not None:
        return leaf.issuer_key_hash.hex()
    if extra is None or not extra.chain:
        return None
    issuer = parse_tbs(tbs_of_certificate(extra.chain[0]))
    return sha256(issuer.subject_public_key_info).hexdigest() if issuer.subject == tbs.issuer else None

"""The generated entries: determinism, and the truth against independent readers."""

from datetime import UTC
from hashlib import sha256

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtensionOID, NameOID, ObjectIdentifier

from ctcollect.certificate.names import entry_jp_names
from ctcollect.errors import ConfigurationError, MalformedEntry
from ctcollect.local_log import LocalLog, Truth, der, keys, names, oddities
from ctcollect.local_log.certificates import ECDSA_WITH_SHA256
from ctcollect.local_log.content import Mix
from ctcollect.protocol.rfc6962 import (
    EntryType,
    ExtraData,
    MerkleTreeLeaf,
    parse_extra_data,
    parse_leaf,
)
from tests.local_log.conftest import SEED

PRECERTIFICATE_SIGNING = ObjectIdentifier("1.3.6.1.4.1.11129.2.4.4")

Parsed = tuple[MerkleTreeLeaf, ExtraData, Truth]


@pytest.fixture(scope="session")
def parsed(log: LocalLog) -> list[Parsed]:
    leaves = [parse_leaf(entry.leaf_input) for entry in log.entries]
    extras = [
        parse_extra_data(entry.extra_data, leaf.entry_type) for entry, leaf in zip(log.entries, leaves, strict=True)
    ]
    return list(zip(leaves, extras, log.truth, strict=True))


@pytest.fixture(scope="session")
def sound(parsed: list[Parsed]) -> list[tuple[x509.Certificate, Parsed]]:
    """Every entry without an oddity, as ``cryptography`` reads its final or submitted precertificate."""
    return [
        (x509.load_der_x509_certificate(leaf.certificate or extra.pre_certificate or b""), each)
        for each in parsed
        for leaf, extra, truth in [each]
        if not truth.odd
    ]


def names_of(certificate: x509.Certificate) -> set[str]:
    """CN and dNSNames, in lower case and without a dot at the end."""
    found = [str(each.value) for each in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    try:
        alternatives = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
        found += alternatives.value.get_values_for_type(x509.DNSName)
    except x509.ExtensionNotFound:
        pass
    return {name.lower().removesuffix(".") for name in found}


def test_the_seed_decides_every_byte(log: LocalLog) -> None:
    """The same seed gives the same entries, truth and key, a shorter log the beginning of a longer one."""
    shares = {"jp_share": 0.3, "near_miss_share": 0.2, "odd_share": 0.1}
    shorter = LocalLog.generate(log.name, 700, SEED, **shares)  # type: ignore[arg-type]
    assert shorter.entries == log.entries[:700]
    assert shorter.truth == log.truth[:700]
    assert shorter.head() == log.head(700)
    assert shorter.key_der == log.key_der
    other = LocalLog.generate(log.name, 700, SEED + 1, **shares)  # type: ignore[arg-type]
    assert not {entry.leaf_input for entry in other.entries} & {entry.leaf_input for entry in log.entries}


def test_logs_of_one_seed_share_certificates_but_no_key() -> None:
    """A certificate logged twice is in two logs: same seed, same entries, another log_id."""
    first, second = (LocalLog.generate(name, 50, SEED) for name in ("one", "two"))
    assert first.entries == second.entries
    assert first.log_id_hex != second.log_id_hex


def test_sound_certificates_say_what_the_truth_says(sound: list[tuple[x509.Certificate, Parsed]]) -> None:
    """``cryptography`` finds in every sound certificate exactly the truth's .jp names."""
    assert len(sound) > 1000
    for certificate, (_, _, truth) in sound:
        assert certificate.version is x509.Version.v3
        assert {name for name in names_of(certificate) if name.endswith(".jp")} == set(truth.jp_names)


def test_the_project_finds_the_truth_in_every_entry(parsed: list[Parsed]) -> None:
    """Odd ones too: the project's own reader gives the truth's names, and refuses rubbish only."""
    for leaf, _, truth in parsed:
        if truth.readable:
            assert entry_jp_names(leaf) == truth.jp_names, truth
        else:
            assert not truth.jp_names
            with pytest.raises(MalformedEntry):
                entry_jp_names(leaf)


def test_every_kind_appears(log: LocalLog) -> None:
    """Each kind of name and each oddity is there; rubbish alone is unreadable, some of it with ".jp"."""
    assert {truth.kind for truth in log.truth} == {*names.JP, *names.NEAR_MISSES, *names.OTHERS}
    assert {truth.odd for truth in log.truth} == {"", "raw-utf8", *oddities.ALL}
    unreadable = {truth.odd for truth in log.truth if not truth.readable}
    assert unreadable == {oddities.RUBBISH, oddities.RUBBISH_WITH_JP}
    baits = [e for e, t in zip(log.entries, log.truth, strict=True) if t.odd == oddities.RUBBISH_WITH_JP]
    assert all(b".jp" in entry.leaf_input for entry in baits)


def test_shares_are_kept() -> None:
    """jp_share and near_miss_share are shares of the issuances, odd_share=0 leaves no oddity."""
    log = LocalLog.generate("shares", 4000, SEED, jp_share=0.1, near_miss_share=0.3, odd_share=0)
    kinds = {truth.issuance: truth.kind for truth in log.truth}
    near = sum(kind in names.NEAR_MISSES for kind in kinds.values()) / len(kinds)
    jp = sum(kind in names.JP for kind in kinds.values()) / len(kinds)
    assert (jp, near) == (pytest.approx(0.1, abs=0.02), pytest.approx(0.3, abs=0.03))
    assert {truth.odd for truth in log.truth} <= {"", "raw-utf8"}


def test_shares_that_do_not_fit_are_refused() -> None:
    """More than all of the certificates cannot be under .jp."""
    with pytest.raises(ConfigurationError, match="shares"):
        Mix(jp=0.9, near_miss=0.2)


def test_signatures_and_issuers(sound: list[tuple[x509.Certificate, Parsed]]) -> None:
    """Each certificate is signed by chain[0], and each chain leads to a self-signed root."""
    for certificate, (_, extra, _) in sound[:300]:
        chain = [certificate, *map(x509.load_der_x509_certificate, extra.chain)]
        for child, parent in zip(chain, [*chain[1:], chain[-1]], strict=True):
            child.verify_directly_issued_by(parent)


def test_precert_leaf_is_the_submission_without_poison(sound: list[tuple[x509.Certificate, Parsed]]) -> None:
    """TBS and issuer_key_hash are what RFC 6962 3.2 makes of the pre_certificate and its issuer."""
    precerts = [
        (certificate, leaf, x509.load_der_x509_certificate(extra.chain[0]))
        for certificate, (leaf, extra, _) in sound
        if leaf.entry_type is EntryType.PRECERT and len(extra.chain) == 2
    ]
    assert len(precerts) > 300
    for certificate, leaf, issuer in precerts:
        assert certificate.extensions.get_extension_for_class(x509.PrecertPoison).critical
        assert contents(as_certificate(leaf)) == contents(certificate)
        assert leaf.issuer_key_hash == key_hash(issuer)


def as_certificate(leaf: MerkleTreeLeaf) -> x509.Certificate:
    """The leaf's TBSCertificate under an empty signature."""
    tbs = leaf.tbs_certificate or b""
    return x509.load_der_x509_certificate(der.sequence(tbs, ECDSA_WITH_SHA256, der.bit_string(b"")))


def contents(certificate: x509.Certificate) -> tuple[object, ...]:
    """All that a TBSCertificate says, but for a poison."""
    return (
        certificate.serial_number,
        certificate.issuer,
        certificate.subject,
        certificate.not_valid_before_utc,
        certificate.not_valid_after_utc,
        certificate.public_key(),
        [each for each in certificate.extensions if each.oid != ExtensionOID.PRECERT_POISON],
    )


def key_hash(certificate: x509.Certificate) -> bytes:
    spki = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return sha256(spki).digest()


def test_precertificate_signing_certificate(sound: list[tuple[x509.Certificate, Parsed]]) -> None:
    """Under one (RFC 6962 3.1) chain[0] has its EKU, and the leaf names the final issuer, chain[1]."""
    signed = [
        (certificate, leaf, [x509.load_der_x509_certificate(each) for each in extra.chain])
        for certificate, (leaf, extra, _) in sound
        if leaf.entry_type is EntryType.PRECERT and len(extra.chain) == 3
    ]
    assert len(signed) > 20
    for certificate, leaf, (signer, issuer, _) in signed:
        purposes = signer.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        assert PRECERTIFICATE_SIGNING in purposes
        assert certificate.issuer == signer.subject
        assert leaf.issuer_key_hash == key_hash(issuer)
        assert issuer.subject.public_bytes() in (leaf.tbs_certificate or b"")
        assert signer.subject.public_bytes() not in (leaf.tbs_certificate or b"")


def test_a_final_follows_its_precert(sound: list[tuple[x509.Certificate, Parsed]]) -> None:
    """Precert and final share an issuance, come in this order, and differ in the SCT list alone."""
    precerts: dict[str, bytes | None] = {}
    pairs = 0
    for certificate, (leaf, _, truth) in sound:
        if leaf.entry_type is EntryType.PRECERT:
            assert truth.issuance not in precerts
            precerts[truth.issuance] = leaf.tbs_certificate
        elif truth.issuance in precerts:
            assert certificate.tbs_precertificate_bytes == precerts[truth.issuance]
            pairs += 1
    forms = [leaf.entry_type for _, (leaf, _, _) in sound]
    assert pairs > 100
    assert forms.count(EntryType.X509) > pairs


def test_scts_are_signed(sound: list[tuple[x509.Certificate, Parsed]]) -> None:
    """The SCTs in a final certificate are signatures over its precertificate entry (RFC 6962 3.2)."""
    signer = keys.private_key(SEED, "sct 1").public_key()
    finals = [(c, extra) for c, (leaf, extra, _) in sound if leaf.entry_type is EntryType.X509]
    for certificate, extra in finals[:20]:
        listed = certificate.extensions.get_extension_for_oid(ExtensionOID.PRECERT_SIGNED_CERTIFICATE_TIMESTAMPS)
        assert isinstance(listed.value, x509.PrecertificateSignedCertificateTimestamps)
        first, _ = listed.value
        timestamp_ms = round(first.timestamp.replace(tzinfo=UTC).timestamp() * 1000)
        issuer = key_hash(x509.load_der_x509_certificate(extra.chain[0]))
        tbs = certificate.tbs_precertificate_bytes
        signed = MerkleTreeLeaf(timestamp_ms, EntryType.PRECERT, None, issuer, tbs)
        signer.verify(first.signature, signed.encode(), ec.ECDSA(SHA256()))


def test_timestamps_increase(log: LocalLog) -> None:
    """Start and step are as asked, and a log list's interval holds the dates of the entries."""
    stepped = LocalLog.generate("stepped", 3, SEED, start_ms=1_700_000_000_000, step_ms=250)
    stamps = [stepped.timestamp_ms(index) for index in range(3)]
    assert stamps[0] == 1_700_000_000_000
    assert stamps == sorted(set(stamps))
    assert stamps[2] <= 1_700_000_000_500
    start, end = stepped.temporal_interval
    assert start.timestamp() * 1000 <= stamps[0] < stamps[2] < end.timestamp() * 1000

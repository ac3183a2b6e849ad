"""From an entry to the columns of the table `certificates`."""

from dataclasses import fields, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from ctcollect.certificate import CertificateFields, from_entry
from ctcollect.errors import MalformedEntry
from ctcollect.protocol.rfc6962 import EntryType, ExtraData, MerkleTreeLeaf
from tests.certificate.der import (
    COMMON_NAME,
    ORGANIZATION,
    SCT_LIST,
    T61,
    attribute,
    certificate,
    extension,
    name,
    san,
    tbs,
    tlv,
)
from tests.certificate.issuing import SCTS, Issuance, issue
from tests.protocol.mutations import broken

SPKI = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
NOT_IN_THE_IDENTITY = {
    "issuer_key_hash",
    "sct_list",
    "tbs_hash",
    "names",
    "jp_names",
    "faults",
    "issuer_cn",
    "issuer_o",
}


@pytest.fixture(scope="module")
def issuance() -> Issuance:
    return issue("WWW.Example.JP", ("www.example.jp", "*.Example.jp", "example.com"))


def x509_leaf(der: bytes) -> MerkleTreeLeaf:
    return MerkleTreeLeaf(0, EntryType.X509, der, None, None)


def precert_leaf(issuance: Issuance) -> MerkleTreeLeaf:
    issuer_key_hash = sha256(issuance.issuer_spki).digest()
    return MerkleTreeLeaf(0, EntryType.PRECERT, None, issuer_key_hash, issuance.log_tbs)


def of_tbs(tbs_certificate: bytes) -> CertificateFields:
    return from_entry(x509_leaf(certificate(tbs_certificate)), None)


def test_every_field_of_a_certificate(issuance: Issuance) -> None:
    """Columns hold what `cryptography` says of the same certificate, in the forms that DESIGN.md names."""
    found = from_entry(x509_leaf(issuance.certificate), ExtraData(None, (issuance.issuer,)))
    expected = x509.load_der_x509_certificate(issuance.certificate)
    aki = expected.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
    spki = expected.public_key().public_bytes(*SPKI)
    assert found == CertificateFields(
        serial="0abc",
        issuer_dn="CN=Test CA,O=Issuer\\, Inc.,C=JP",
        issuer_cn="Test CA",
        issuer_o="Issuer, Inc.",
        issuer_key_hash=sha256(issuance.issuer_spki).hexdigest(),
        authority_key_id=aki.hex() if aki else None,
        subject_dn="CN=WWW.Example.JP,O=株式会社,C=JP",
        common_name="WWW.Example.JP",
        organization="株式会社",
        not_before=datetime(2025, 1, 1, 9),
        not_after=datetime(2026, 1, 31, 14, 59, 59),
        key_type="EC",
        key_bits=384,
        spki_hash=sha256(spki).hexdigest(),
        tbs_hash=sha256(expected.tbs_precertificate_bytes).hexdigest(),
        signature_algorithm="ecdsa-with-SHA384",
        policy_oids=("2.23.140.1.2.2", "1.2.392.200091.1"),
        sct_list=tuple((log.hex(), time) for log, time in SCTS),
        san_names=("www.example.jp", "*.example.jp", "example.com"),
        names=("*.example.jp", "example.com", "www.example.jp"),
        jp_names=("*.example.jp", "www.example.jp"),
        faults=(),
    )


def test_precertificate_and_certificate_are_one(issuance: Issuance) -> None:
    """The log's precert entry, precertificate and final certificate differ in their SCT list alone."""
    chain = ExtraData(None, (issuance.issuer,))
    final = from_entry(x509_leaf(issuance.certificate), chain)
    for other in (
        from_entry(precert_leaf(issuance), ExtraData(issuance.pre_certificate, (issuance.issuer,))),
        from_entry(x509_leaf(issuance.pre_certificate), chain),
    ):
        assert other == replace(final, sct_list=())
        assert other.identity == final.identity


def test_a_precertificate_signing_certificate_changes_nothing(issuance: Issuance) -> None:
    """Its chain begins with another issuer; the leaf names the final issuer and its key, and these count."""
    signing = issue("Precertificate Signing", ("example.com",))
    found = from_entry(precert_leaf(issuance), ExtraData(signing.pre_certificate, (signing.certificate,)))
    assert found == from_entry(precert_leaf(issuance), None)
    assert found.issuer_key_hash == sha256(issuance.issuer_spki).hexdigest()


def test_the_issuers_key_is_told_only_by_the_issuer(issuance: Issuance) -> None:
    """A chain that is missing or of another subject tells no key; a damaged one is a fault of that field."""
    leaf = x509_leaf(issuance.certificate)
    without = from_entry(leaf, None)
    assert without.issuer_key_hash is None
    for chain in ((), (issuance.certificate,)):
        assert from_entry(leaf, ExtraData(None, chain)) == without
    damaged = from_entry(leaf, ExtraData(None, (b"\x30\x7f",)))
    assert damaged.issuer_key_hash is None
    assert [fault.partition(":")[0] for fault in damaged.faults] == ["issuer_key_hash"]


def test_the_identity_hangs_on_each_of_its_columns(issuance: Issuance) -> None:
    """One certificate only if at least eleven columns agree; sightings may differ in the rest."""
    found = from_entry(x509_leaf(issuance.certificate), None)
    columns = {each.name for each in fields(CertificateFields)}
    others: dict[str, Any] = dict.fromkeys(columns, "other") | dict.fromkeys(
        ("not_before", "not_after"), datetime(2000, 1, 1)
    )
    deciding = {each for each in columns if replace(found, **{each: others[each]}).identity != found.identity}
    assert deciding == columns - NOT_IN_THE_IDENTITY
    assert len(deciding) >= 11


def test_neighbouring_columns_do_not_run_together(issuance: Issuance) -> None:
    """The columns are told apart in the identity, as are the names in a list and None from its text."""
    found = from_entry(x509_leaf(issuance.certificate), None)
    variants = [
        replace(found, common_name="ab", organization="c"),
        replace(found, common_name="a", organization="bc"),
        replace(found, san_names=("a", "b")),
        replace(found, san_names=("a,b",)),
        replace(found, key_type=None),
        replace(found, key_type="None"),
    ]
    assert len({each.identity for each in variants}) == len(variants)


@pytest.mark.parametrize(
    ("octets", "text"), [("00", "00"), ("7f", "7f"), ("00ff", "ff"), ("ff80", "-80"), ("8000", "-8000")]
)
def test_serial_numbers_in_whole_octets(octets: str, text: str) -> None:
    """Without the sign's leading zero octet; negative ones, which should not exist, keep their sign."""
    assert of_tbs(tbs(name(), serial=bytes.fromhex(octets))).serial == text


def test_what_strict_parsers_refuse_is_read_leniently() -> None:
    """Empty RDN, Latin-1, time zones, an extension twice: values with faults, not a lost certificate."""
    found = of_tbs(
        tbs(
            name(tlv(0x31), attribute(ORGANIZATION, b"Caf\xe9 \xa9", T61), attribute(COMMON_NAME, b" a+b ")),
            [san(b"a.jp"), san(b"b.jp")],
            not_before=tlv(0x17, b"991231235959+0900"),
            not_after=tlv(0x18, b"20500101000000.5Z"),
        )
    )
    assert found.subject_dn == "CN=\\ a\\+b\\ ,O=Café ©"
    assert found.organization == "Café ©"
    assert found.not_before == datetime(1999, 12, 31, 14, 59, 59)
    assert found.not_after == datetime(2050, 1, 1)
    assert found.san_names == ("a.jp", "b.jp")
    assert (found.key_type, found.key_bits) == ("RSA", 2048)
    assert found.signature_algorithm == "sha256WithRSAEncryption"
    assert any(fault.startswith("certificate: ") for fault in found.faults)


def test_a_fault_stays_with_its_field() -> None:
    """What nobody can read is None or empty, each with a reason; the rest of the certificate stands."""
    found = of_tbs(
        tbs(
            tlv(0x30, tlv(0x30)),
            [extension(SCT_LIST, tlv(0x04, b"\0\x09short")), san(b"a.jp")],
            not_before=tlv(0x17, b"never"),
            not_after=tlv(0x17, b"250230000000Z"),
            key=tlv(0x30, tlv(0x04)),
        )
    )
    unread = ("subject_dn", "common_name", "not_before", "not_after", "key_type", "key_bits")
    assert {getattr(found, field) for field in unread} == {None}
    assert found.sct_list == ()
    assert found.jp_names == ("a.jp",)
    assert found.issuer_dn == "CN=CA"
    faulty = {fault.partition(":")[0] for fault in found.faults}
    assert faulty >= {"subject", "common_name", "not_before", "not_after", "key_type", "key_bits", "sct_list"}
    assert not faulty & {"issuer", "serial", "san_names", "policy_oids"}


def test_names_that_are_no_dns_names_stay_raw_in_san_names() -> None:
    """san_names holds every dNSName; `names` only those with a written form, the commonName's among them."""
    found = of_tbs(tbs(name(attribute(COMMON_NAME, b"C.jp")), [san(b"B.com.", b"no name", "é.jp".encode())]))
    assert found.san_names == ("b.com", "no name", "xn--9ca.jp")
    assert found.names == ("b.com", "c.jp", "xn--9ca.jp")
    assert found.jp_names == ("c.jp", "xn--9ca.jp")


def test_ten_thousand_names_all_count() -> None:
    """Certificates of this size exist."""
    sans = [b"%d.example.jp" % number for number in range(10_000)]
    assert len(of_tbs(tbs(name(), [san(*sans)])).jp_names) == 10_000


WHOLE = issue("a.jp", ("a.jp",))


@settings(max_examples=200)
@given(broken(st.sampled_from([WHOLE.certificate, WHOLE.pre_certificate])))
def test_any_octets_give_fields_or_malformed_entry(octets: bytes) -> None:
    """Nothing else is ever raised; what gives fields has an identity."""
    try:
        found = from_entry(x509_leaf(octets), None)
    except MalformedEntry:
        return
    assert len(found.identity) == 64
    assert all("\n" not in fault for fault in found.faults)

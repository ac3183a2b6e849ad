"""The form of a TBSCertificate that precertificate and certificate share."""

import pytest

from ctcollect.certificate.tbs import parse_tbs, tbs_of_certificate, without_ct_extensions
from ctcollect.certificate.tlv import elements
from ctcollect.errors import MalformedEntry
from tests.certificate.der import POISON, SCT_LIST, extension, name, san, tbs, tlv
from tests.certificate.issuing import issue


def test_all_forms_of_an_issuance_share_what_the_log_signed() -> None:
    """Poison and SCT list go, and the lengths around them are those of the shorter content."""
    issuance = issue("www.example.jp", ("www.example.jp",))
    for form in (issuance.pre_certificate, issuance.certificate):
        assert without_ct_extensions(parse_tbs(tbs_of_certificate(form))).whole == issuance.log_tbs
    assert without_ct_extensions(parse_tbs(issuance.log_tbs)).whole == issuance.log_tbs


def test_no_extensions_are_left_out_altogether() -> None:
    """As logs encode it: an empty list of extensions does not stand."""
    shared = without_ct_extensions(parse_tbs(tbs(name(), [extension(POISON, b"\5\0")])))
    assert shared.whole == without_ct_extensions(parse_tbs(tbs(name()))).whole
    assert list(shared.extensions()) == []


def test_what_holds_no_ct_extension_keeps_its_octets() -> None:
    """Over-long lengths and damage are not mended: the hash is that of the octets which were logged."""
    inside = next(elements(tbs(name(), [san(b"a")]))).contents
    long_form = b"\x30\x84" + len(inside).to_bytes(4, "big") + inside
    damaged = tbs(name(), [extension(SCT_LIST, b""), tlv(0x30)])
    for each in (long_form, damaged):
        assert without_ct_extensions(parse_tbs(each)).whole == each


@pytest.mark.parametrize(
    "octets",
    [b"", b"\x30\0", tlv(0x31, tbs(name())), tlv(0x30, tlv(0x02, b"\1")), tbs(name(), key=tlv(0x04))],
)
def test_what_is_no_tbs_certificate(octets: bytes) -> None:
    """The six required fields must stand in their order, with their types."""
    with pytest.raises(MalformedEntry):
        parse_tbs(octets)

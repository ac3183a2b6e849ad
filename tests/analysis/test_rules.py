"""The rules are complete data, and a report can name the very file."""

import hashlib
from datetime import UTC, datetime
from importlib.resources import files

import pytest

from ctcollect.analysis.ca_owners import ca_owner, ca_owners
from ctcollect.analysis.groups import VALIDATIONS, known_groups
from ctcollect.analysis.rules import default_rules, parse_rules
from ctcollect.errors import ConfigurationError

OCTETS = files("ctcollect.analysis").joinpath("rules.toml").read_bytes()


def test_each_rule_has_an_id_of_its_own_and_a_source() -> None:
    """No id comes twice, nothing is without unit or source, and the digest is that of the file."""
    rules = default_rules()
    ids = [each.id for each in rules.parameters]
    assert len(set(ids)) == len(ids) > 40
    assert all(each.unit and each.source for each in rules.parameters)
    assert rules.sha256 == hashlib.sha256(OCTETS).hexdigest()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b'id = "gap.late_d"', b'id = "gap.too_late_d"', "gap.late_d"),
        (b'unit = "UTC"', b"", "unit"),
        (b"[[milestone]]", b"[[kilometre]]", "milestone"),
        (b"value = 24", b"value = ", "TOML"),
    ],
)
def test_incomplete_rules_are_told_in_a_line(old: bytes, new: bytes, said: str) -> None:
    """What is missing or no TOML is named."""
    with pytest.raises(ConfigurationError) as caught:
        parse_rules(OCTETS.replace(old, new))
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_rule_that_nobody_knows_is_refused() -> None:
    """A misspelt parameter does not go unnoticed."""
    extra = b'\n[[parameter]]\nid = "gap.spare"\nvalue = 1\nunit = "d"\nsource = "x"\n'
    with pytest.raises(ConfigurationError, match=r"gap\.spare"):
        parse_rules(OCTETS + extra)


def test_brands_of_one_operator_are_one() -> None:
    """ZeroSSL and Sectigo are one, what is not listed stands for itself."""
    assert ca_owner("ZeroSSL", None) == ca_owner("Sectigo Limited", "Sectigo R36") == "Sectigo"
    assert ca_owner("Some New CA", None) == "Some New CA"
    assert ca_owner(None, None) == "unknown"


def test_a_service_keeps_its_name_when_another_organisation_issues_for_it() -> None:
    """NII's certificates name NII up to the sixth generation, then SECOM, whose own customers are not NII's."""
    nii = "National Institute of Informatics"
    assert ca_owner(nii, "NII Open Domain CA - G6") == nii
    for generation, organization in (("G7", "SECOM Trust Systems CO.,LTD."), ("G8", "SECOM Trust Systems Co., Ltd.")):
        assert ca_owner(organization, f"NII Open Domain CA - {generation} RSA") == nii
        assert ca_owner(organization, "SECOM Passport for Web EV CA") == "SECOM Trust Systems"


def test_each_owner_has_a_source() -> None:
    """No name stands twice or without a source; what nobody has looked up is marked, and is the smaller part."""
    owners = ca_owners()
    names = [each.name for each in owners.organizations]
    assert len(set(names)) == len(names)
    assert {each.source for each in (*owners.organizations, *owners.common_names)} == set(owners.sources)
    assert 0 < len(owners.unchecked) < len(names) / 3


@pytest.mark.parametrize(
    ("owner", "validation", "validity", "day", "expected"),
    [
        ("Amazon Trust Services", "DV", "up-to-398", (2027, 1, 1), ["known:aws-acm", "known:machine"]),
        ("SECOM Trust Systems", "EV", "up-to-398", (2025, 1, 1), ["known:secom-portal", "known:person"]),
        ("SECOM Trust Systems", "DV", "up-to-398", (2025, 1, 1), []),
        ("SECOM Trust Systems", "EV", "up-to-200", (2025, 1, 1), []),
        ("Japan Registry Services", "EV", "up-to-398", (2025, 1, 1), []),
        (
            "National Institute of Informatics",
            "OV",
            "up-to-398",
            (2025, 9, 30),
            ["known:upki-before-acme", "known:person"],
        ),
        ("National Institute of Informatics", "OV", "up-to-398", (2025, 10, 1), []),
        ("Amazon Trust Services + DigiCert", "OV", "up-to-398", (2025, 1, 1), []),
    ],
)
def test_known_groups(
    owner: str, validation: str, validity: str, day: tuple[int, int, int], expected: list[str]
) -> None:
    """Machines by the CA; people by CA, validation, validity and up to the last day of orders in a portal, in UTC."""
    issued_s = datetime(*day, 12, tzinfo=UTC).timestamp()
    assert list(known_groups(owner, validation, validity, issued_s, default_rules())) == expected


def test_known_groups_name_owners_and_classes_that_there_are() -> None:
    """A group of an owner or validity class that no certificate can have would be empty for ever."""
    rules = default_rules()
    owners = {each.owner for each in (*ca_owners().organizations, *ca_owners().common_names)}
    assert {each.owner for each in rules.machine_groups} | {each.owner for each in rules.person_groups} <= owners
    assert {each.validity_class for each in rules.person_groups} <= {each.id for each in rules.validity_classes}
    assert all(set(each.validations) <= set(VALIDATIONS.values()) for each in rules.person_groups)
    ids = [each.id for each in rules.machine_groups] + [each.id for each in rules.person_groups]
    assert len(set(ids)) == len(ids)

"""The rules are complete data, and a report can name the very file."""

import hashlib
from importlib.resources import files

import pytest

from ctcollect.analysis.ca_owners import ca_owner
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
    assert ca_owner("ZeroSSL") == ca_owner("Sectigo Limited") == "Sectigo"
    assert ca_owner("Some New CA") == "Some New CA"
    assert ca_owner(None) == "unknown"

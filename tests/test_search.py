"""What a person typed, as criteria; and places in an answer."""

from contextlib import suppress
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctcollect.errors import ConfigurationError
from ctcollect.search import FILTERS, Criteria, Period, Place, parse_criteria, text_key


@pytest.mark.parametrize("written", ["日本語.jp", "日本語。ＪＰ", "  XN--WGV71A119E.jp. ", "xn--wgv71a119e.JP.."])
def test_a_name_is_taken_in_any_written_form(written: str) -> None:
    """U-labels, full-width letters and dots, capitals, trailing dots, space around it: one name."""
    assert parse_criteria({"domain": written}) == Criteria(domain="xn--wgv71a119e.jp")


def test_all_filters() -> None:
    """Days are Tokyo's and both inclusive; blank filters are none; the registered domain is found for any name."""
    given = {"domain": "*.a.example.co.jp", "match": "registered", "organisation_type": "co", "issuer_o": " CA  1 "}
    given |= {"issuer_cn": "", "not_before_from": "2024-01-01", "not_before_to": "2024-01-31", "not_after_to": ""}
    period = Period(datetime(2023, 12, 31, 15), datetime(2024, 1, 31, 15))
    expected = Criteria("example.co.jp", "registered", "co", "CA  1", not_before=period)
    assert parse_criteria(given) == expected


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"domain": "a b"}, "is not a domain name"),
        ({"domain": "' OR 1=1 --"}, "is not a domain name"),
        ({"domain": "a." * 5000}, "is not a domain name"),
        ({"domain": "co.jp", "match": "registered"}, "public suffix"),
        ({"domain": "example.jp", "match": "like"}, "one of below, exact, registered"),
        ({"organisation_type": "<b>"}, "use one of ac, ad"),
        ({"issuer_o": "x" * 401}, "give at most 400"),
        ({"not_before_from": "2024-02-30"}, "give a day such as 2024-01-31"),
        ({"not_after_to": "9999-12-31"}, "give a day such as 2024-01-31"),
        ({"not_before_from": "2024-02-02", "not_before_to": "2024-02-01"}, "is later than"),
        ({"serial": "1"}, "there is no filter 'serial'"),
    ],
)
def test_what_can_not_be_understood_is_told_in_a_line(given: dict[str, str], words: str) -> None:
    """The filter and its value are named, in one printable line of a bearable length."""
    with pytest.raises(ConfigurationError, match=words) as caught:
        parse_criteria(given)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 600


@given(given=st.dictionaries(st.sampled_from(FILTERS), st.text()))
def test_nothing_that_is_typed_breaks_the_reading(given: dict[str, str]) -> None:
    """Criteria, or a reason."""
    with suppress(ConfigurationError):
        assert isinstance(parse_criteria(given), Criteria)


@given(at=st.datetimes(), number=st.integers(0, 2**63 - 1), other=st.text())
def test_a_place_survives_its_word(at: datetime, number: int, other: str) -> None:
    """A word that was made is read back; any other is refused."""
    place = Place(at.replace(microsecond=0), number)
    assert Place.decode(place.encode()) == place
    with suppress(ConfigurationError):
        assert Place.decode(other).encode() == other


def test_issuers_are_compared_as_people_write_them() -> None:
    """Capitals, widths and surplus spaces do not count; anything else does."""
    assert text_key("Ｌｅｔ's  Encrypt ") == text_key("let's encrypt")
    assert text_key("let's encrypt") != text_key("lets encrypt")
    assert text_key(None) is None

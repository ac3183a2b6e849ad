"""Rates as people write them."""

import pytest

from ctcollect import settings
from ctcollect.errors import ConfigurationError
from ctcollect.rates import parse_rate


@pytest.mark.parametrize(("text", "per_second"), [("5/s", 5), ("30/m", 0.5), ("36/h", 0.01), (" 2.5 ", 2.5)])
def test_a_rate(text: str, per_second: float) -> None:
    """By second, minute or hour; a plain number is by second."""
    assert parse_rate(text) == per_second


@pytest.mark.parametrize("text", ["", "fast", "0", "-1/s", "5/d", "1e9", "9999999/s", "5 per s", "nan", "5/s/s", "²"])
def test_what_is_no_rate(text: str) -> None:
    """It is said, with what to write."""
    with pytest.raises(ConfigurationError, match="is no rate: write 5/s"):
        parse_rate(text)


def test_rates_by_host() -> None:
    """In their order; a wrong one names the variable."""
    loaded = settings.load({"CTCOLLECT_HOST_PACES": "CT.googleapis.com=5, *.digicert.com=30/m,"})
    assert loaded.host_paces == (("ct.googleapis.com", 5.0), ("*.digicert.com", 0.5))
    for text in ("ct.googleapis.com", "=5", "a=fast"):
        with pytest.raises(ConfigurationError, match=r"CTCOLLECT_HOST_PACES: .* write"):
            settings.load({"CTCOLLECT_HOST_PACES": text})

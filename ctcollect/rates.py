"""Rates as people write them: ``5/s``, ``30/m``, ``5``; and lists of them by host."""

import re

from ctcollect.errors import ConfigurationError

RATE = re.compile(r"([0-9]+(?:\.[0-9]+)?)(?:/([smh]))?")
SECONDS = {None: 1, "s": 1, "m": 60, "h": 3600}
HIGHEST_PER_SECOND = 1e6


def parse_rate(text: str) -> float:
    """Requests per second of ``5/s``, ``30/m``, ``600/h`` or plain ``5``; ConfigurationError for all else, also 0."""
    found = RATE.fullmatch(text.strip())
    per_second = float(found[1]) / SECONDS[found[2]] if found else 0.0
    if not 0 < per_second <= HIGHEST_PER_SECOND:
        raise ConfigurationError(f"{text!r:.40} is no rate: write 5/s, 30/m or 600/h")
    return per_second


def is_rate(value: object) -> bool:
    """Whether a number that came from elsewhere can be a rate in requests per second; 0.0 stands for none."""
    return isinstance(value, int | float) and 0 <= value <= HIGHEST_PER_SECOND  # which NaN is not


def parse_host_rates(text: str) -> tuple[tuple[str, float], ...]:
    """(host pattern, requests per second) of ``ct.googleapis.com=5,*.digicert.com=30/m``, in their order."""
    rates = []
    for item in filter(None, map(str.strip, text.split(","))):
        pattern, equals, rate = item.partition("=")
        if not (pattern and equals):
            raise ConfigurationError(f"{item!r:.40} is no HOST=RATE: write for example ct.googleapis.com=5/s")
        rates.append((pattern.strip().lower(), parse_rate(rate)))
    return tuple(rates)

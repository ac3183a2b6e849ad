"""How to treat each host: the numbers of its operator, bettered by the lines of hosts.json that fit its name."""

import json
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from typing import Any

from ctcollect.catalogue.operators import Operator


@dataclass(frozen=True, slots=True)
class HostPolicy:
    """One client's pace starts at ``requests_per_second_start`` and never goes over its ceiling; all workers together
    keep to ``fleet_requests_per_second_ceiling``. A client has at most ``requests_in_flight`` out at a time, which
    lets the pace be reached where answers take long. ``keep_alive`` is off where a host dislikes kept connections."""

    requests_per_second_start: float
    requests_per_second_ceiling: float
    fleet_requests_per_second_ceiling: float
    requests_in_flight: int
    keep_alive: bool


def host_policy(host: str, operator: Operator) -> HostPolicy:
    """The policy for ``host`` (lower case, with its port if it has one): of the lines that fit, the first that says."""
    values: dict[str, Any] = {
        "requests_per_second_start": operator.requests_per_second_start,
        "requests_per_second_ceiling": operator.requests_per_second_ceiling,
    }
    for line in reversed(_lines()):
        if matches_host(host, line["host"]):
            values |= {name: value for name, value in line.items() if name != "host"}
    return HostPolicy(**values)


@cache
def _lines() -> tuple[dict[str, Any], ...]:
    return tuple(json.loads(files(__package__).joinpath("hosts.json").read_text("utf-8")))


def matches_host(host: str, pattern: str) -> bool:
    """Whether ``pattern`` (``*.digicert.com``) fits a host, with its port or without."""
    return fnmatchcase(host, pattern) or fnmatchcase(host.rpartition(":")[0] or host, pattern)

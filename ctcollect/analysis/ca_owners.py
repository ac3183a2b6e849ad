"""Who operates a CA: brands and subordinate names of one operator are one. Data in ca_owners.json, with its sources."""

import json
from collections.abc import Iterator
from datetime import date
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple

UNKNOWN = "unknown"
UNCHECKED = "unchecked"


class Assignment(NamedTuple):
    """``name``, an organizationName or the start of a commonName, belongs to ``owner``; ``source`` is an id."""

    name: str
    owner: str
    source: str


class Distrust(NamedTuple):
    """A browser trusts no certificate of ``owner`` that was issued later than ``last_trusted_on`` (UTC)."""

    owner: str
    by: str
    last_trusted_on: date
    source: str


class CaOwners(NamedTuple):
    """``sources`` says by id where an assignment is from; the one called UNCHECKED is from nowhere."""

    organizations: tuple[Assignment, ...]
    common_names: tuple[Assignment, ...]
    sources: dict[str, str]
    distrusted: tuple[Distrust, ...]

    @property
    def unchecked(self) -> tuple[str, ...]:
        """The organizationNames of which nobody has looked up who operates them."""
        return tuple(each.name for each in self.organizations if each.source == UNCHECKED)


@cache
def ca_owners() -> CaOwners:
    """Those that the package brings."""
    document = json.loads(files(__package__).joinpath("ca_owners.json").read_text("utf-8"))
    organizations, common_names = (tuple(_assignments(document[name])) for name in ("owners", "common_names"))
    return CaOwners(organizations, common_names, document["sources"], tuple(map(_distrust, document["distrusted"])))


def _distrust(entry: dict[str, str]) -> Distrust:
    last_trusted_on = date.fromisoformat(entry["last_trusted_on"])
    return Distrust(entry["owner"], entry["by"], last_trusted_on, entry["source"])


def _assignments(names_by_owner: dict[str, dict[str, str]]) -> Iterator[Assignment]:
    for owner, names in names_by_owner.items():
        yield from (Assignment(name, owner, source) for name, source in names.items())


@lru_cache(maxsize=4096)
def ca_owner(issuer_o: str | None, issuer_cn: str | None) -> str:
    """The operator behind an issuer; the organizationName itself when nothing is listed."""
    for each in ca_owners().common_names:
        if issuer_cn and issuer_cn.startswith(each.name):
            return each.owner
    return _by_organization().get(issuer_o, issuer_o) if issuer_o else UNKNOWN


@cache
def _by_organization() -> dict[str, str]:
    return {each.name: each.owner for each in ca_owners().organizations}

"""Who operates a CA: brands and subordinate names of one operator are one. Data in ca_owners.json."""

import json
from functools import cache
from importlib.resources import files

UNKNOWN = "unknown"


@cache
def _owners() -> dict[str, str]:
    document = json.loads(files(__package__).joinpath("ca_owners.json").read_text("utf-8"))
    return {name: owner for owner, names in document["owners"].items() for name in names}


def ca_owner(issuer_o: str | None) -> str:
    """The operator behind an issuer's organizationName; the name itself when it is not listed."""
    return _owners().get(issuer_o, issuer_o) if issuer_o else UNKNOWN

"""Where the published log lists are: a further list is a line of sources.json, not code."""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

# The list that the bundled facts were taken from.
CHROME = "chrome"


@cache
def list_sources() -> Mapping[str, str]:
    """The url of each published list, by the list's name; the first is the default."""
    lines = json.loads(files(__package__).joinpath("sources.json").read_text("utf-8"))
    return MappingProxyType({line["name"]: line["url"] for line in lines})

"""Parameters in the query of an address: what each takes, for the document and for the answer alike."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest

SHOWN_CHARACTERS = 60


@dataclass(frozen=True, slots=True)
class Parameter:
    """``read`` turns the text into a value or raises ValueError with what to write instead.

    ``schema`` is the JSON Schema of the text; ``argument`` is what the view calls it; ``default`` counts when it is
    missing.
    """

    name: str
    description: str
    schema: dict[str, Any]
    read: Callable[[str], Any] = str
    argument: str = ""
    default: Any = None
    is_required: bool = False
    example: str | None = field(default=None)

    def value(self, text: str) -> Any:
        """BadRequest names the parameter, what it is and what it should be."""
        try:
            return self.read(text)
        except ValueError as error:
            raise BadRequest(f"{self.name} is {shown(text)}: write {error}") from None


def shown(text: str) -> str:
    """A stranger's text in a sentence: quoted, every sign visible, not too long."""
    return repr(text if len(text) <= SHOWN_CHARACTERS else text[:SHOWN_CHARACTERS] + "…")


def read_parameters(given: MultiDict[str, str], known: Sequence[Parameter]) -> dict[str, Any]:
    """argument -> value for each known parameter; BadRequest for one that is unknown, missing, given twice or wrong."""
    names = [parameter.name for parameter in known]
    if strange := sorted(set(given) - set(names)):
        takes = f"takes {', '.join(names)}" if names else "takes none"
        raise BadRequest(f"unknown parameter {', '.join(map(shown, strange[:5]))}: this address {takes}")
    if twice := [name for name in names if len(given.getlist(name)) > 1]:
        raise BadRequest(f"{', '.join(twice)} is given more than once")
    return {parameter.argument or parameter.name: _value(given, parameter) for parameter in known}


def _value(given: MultiDict[str, str], parameter: Parameter) -> Any:
    text = given.get(parameter.name)
    if text is not None:
        return parameter.value(text)
    if parameter.is_required:
        raise BadRequest(f"{parameter.name} is missing: {parameter.description}, as in {parameter.example}")
    return parameter.default


def day(text: str) -> date:
    """A calendar day; ValueError unless written in full."""
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise ValueError("a day as 2024-01-31")


def whole(least: int, most: int) -> Callable[[str], int]:
    """What reads a whole number from ``least`` to ``most``, both included."""

    def read(text: str) -> int:
        if re.fullmatch(r"[0-9]{1,20}", text) and least <= int(text) <= most:
            return int(text)
        raise ValueError(f"a whole number from {least} to {most}")

    return read


def page_size(default: int, most: int) -> Parameter:
    """How many rows one answer holds."""
    schema = {"type": "integer", "minimum": 1, "maximum": most, "default": default}
    return Parameter("limit", "how many rows at most", schema, whole(1, most), default=default)


def page_start(read: Callable[[str], Any]) -> Parameter:
    """Where the next page begins, as the header Link of the page before says."""
    text = "where to go on, as the header Link (rel=next) of the page before says"
    return Parameter("next", text, {"type": "string", "maxLength": 250}, read, argument="after")

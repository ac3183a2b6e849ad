"""What an address asks of the certificates: filters, how many at once, and where to go on."""

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from flask import request, url_for
from werkzeug.exceptions import BadRequest

from ctcollect.errors import ConfigurationError
from ctcollect.search import FILTERS, Criteria, Place, parse_criteria
from webapp.language import PARAMETER as LANGUAGE

NEXT, LIMIT = "next", "limit"
Read = TypeVar("Read")
Given = ParamSpec("Given")


def asked(longest: int) -> tuple[Criteria, int, Place | None]:
    """The criteria, how many at once (``longest`` unless fewer are asked for), the place after which to go on.

    BadRequest says what can't be understood, unknown parameters and those given twice among it.
    """
    given = {name: values for name, values in request.args.lists() if name != LANGUAGE}
    if twice := sorted(name for name, values in given.items() if len(values) > 1):
        raise BadRequest(f"{twice[0]!r} is given more than once")
    words = {name: values[0] for name, values in given.items()}
    place, limit = words.pop(NEXT, ""), words.pop(LIMIT, str(longest))
    if not (limit.isascii() and limit.isdigit() and len(limit) < 9 and 1 <= int(limit) <= longest):
        raise BadRequest(f"{LIMIT} is {limit[:60]!r}: give a number from 1 to {longest:,}")
    return read(parse_criteria, words), int(limit), read(Place.decode, place) if place else None


def read(reader: Callable[Given, Read], *given: Given.args, **named: Given.kwargs) -> Read:
    """What ``reader`` makes of others' words; BadRequest where it can't."""
    try:
        return reader(*given, **named)
    except ConfigurationError as error:
        raise BadRequest(str(error)) from None


def filters() -> dict[str, Any]:
    """The filters of this request that are not blank, as they were typed."""
    return {name: value for name in FILTERS if (value := request.args.get(name, "").strip())}


def next_address(place: Place) -> str:
    """The address of what follows ``place`` for the same question."""
    limit = {LIMIT: request.args[LIMIT]} if LIMIT in request.args else {}
    values: dict[str, Any] = filters() | limit | {NEXT: place.encode()}
    return url_for(str(request.endpoint), **values)

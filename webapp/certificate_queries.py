"""What an address asks of the certificates: filters, how many at once, and where to go on."""

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from flask import request, url_for
from werkzeug.exceptions import BadRequest

from ctcollect.search import FILTERS, Criteria, Place, Unclear, parse_criteria
from webapp.api.parameters import shown
from webapp.asked import check_parameters
from webapp.language import gettext as _

NEXT, LIMIT = "next", "limit"
Read = TypeVar("Read")
Given = ParamSpec("Given")


def asked(longest: int) -> tuple[Criteria, int, Place | None]:
    """The criteria, how many at once (``longest`` unless fewer are asked for), the place after which to go on.

    BadRequest says what can't be understood, unknown parameters and those given twice among it.
    """
    check_parameters(*FILTERS, NEXT, LIMIT)
    place, limit = request.args.get(NEXT, ""), request.args.get(LIMIT, str(longest))
    if not (limit.isascii() and limit.isdigit() and len(limit) < 9 and 1 <= int(limit) <= longest):
        message = _("The parameter %(name)s can’t be %(value)s: write a whole number from 1 to %(most)s.")
        raise BadRequest(message % {"name": LIMIT, "value": shown(limit), "most": longest})
    return read(parse_criteria, filters()), int(limit), read(Place.decode, place) if place else None


def read(reader: Callable[Given, Read], *given: Given.args, **named: Given.kwargs) -> Read:
    """What ``reader`` makes of others' words; BadRequest, in the page's language, where it can't."""
    try:
        return reader(*given, **named)
    except Unclear as error:
        raise BadRequest(_(error.form) % error.words) from None


def filters() -> dict[str, Any]:
    """The filters of this request that are not blank, as they were typed."""
    return {name: value for name in FILTERS if (value := request.args.get(name, "").strip())}


def next_address(place: Place) -> str:
    """The address of what follows ``place`` for the same question."""
    limit = {LIMIT: request.args[LIMIT]} if LIMIT in request.args else {}
    values: dict[str, Any] = filters() | limit | {NEXT: place.encode()}
    return url_for(str(request.endpoint), **values)

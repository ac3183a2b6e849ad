"""The addresses of the API: each declared once, for Flask and for the OpenAPI document."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlencode

from flask import Blueprint, Response, jsonify, request

from webapp.api.csv_answers import Table
from webapp.api.pages import Page
from webapp.api.parameters import Parameter, read_parameters

PREFIX = "/api/v1"
# Figures change every second; days and certificates seldom, and a reader may see them a little late.
LIVE_SECONDS, STEADY_SECONDS = 1, 10
LIVE = f"public, max-age={LIVE_SECONDS}"
STEADY = f"public, max-age={STEADY_SECONDS}, stale-while-revalidate=60"
JSON, CSV = "application/json", "text/csv"
Schema = dict[str, Any]
View = TypeVar("View", bound=Callable[..., Any])

api = Blueprint("api", __name__)
PLACE = re.compile(r"{(\w+)}")


class Place(NamedTuple):
    """What may stand in a path: for Flask its converter, for OpenAPI its words and schema."""

    converter: str
    description: str
    schema: Schema


SOME_TEXT = {"type": "string", "minLength": 1}
PLACES = {
    "name": Place("path", "its name", SOME_TEXT),
    "number": Place("int", "the certificate's id", {"type": "integer", "minimum": 1}),
    "domain": Place("path", "the domain, in any written form", SOME_TEXT),
}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One address. ``path`` is as OpenAPI writes it; 404 is among its answers when it ``may_miss``."""

    path: str
    name: str
    text: str
    schema: Schema
    media_type: str = JSON
    parameters: tuple[Parameter, ...] = ()
    may_miss: bool = False

    @property
    def has_next(self) -> bool:
        return any(parameter.name == "next" for parameter in self.parameters)

    @property
    def places(self) -> list[str]:
        """Of PLACES those in the path."""
        return PLACE.findall(self.path)


ENDPOINTS: list[Endpoint] = []


def endpoint(
    path: str, schema: Schema, media_type: str = JSON, parameters: tuple[Parameter, ...] = (), may_miss: bool = False
) -> Callable[[View], View]:
    """Serve a view, called with the path's and the query's values, at ``path``; its docstring describes it."""

    def decorate(view: View) -> View:
        _add(Endpoint(path, view.__name__, view.__doc__ or "", schema, media_type, parameters, may_miss), view)
        return view

    return decorate


def document(
    path: str, schema: Schema, cache: str = LIVE, parameters: tuple[Parameter, ...] = (), may_miss: bool = False
) -> Callable[[View], View]:
    """Serve what a view returns as JSON."""

    def decorate(view: View) -> View:
        def answer(**values: Any) -> Response:
            return _cached(jsonify(view(**values)), cache)

        _add(Endpoint(path, view.__name__, view.__doc__ or "", schema, JSON, parameters, may_miss), answer)
        return view

    return decorate


def listing(
    path: str,
    row: Schema,
    cache: str = LIVE,
    filters: tuple[Parameter, ...] = (),
    paging: tuple[Parameter, Parameter] | tuple[()] = (),
    may_miss: bool = False,
) -> Callable[[View], View]:
    """Serve the rows of a view's Page as a JSON list, page by page, and below ``path``.csv all of them as CSV."""

    def decorate(view: View) -> View:
        name, text = view.__name__, view.__doc__ or ""

        def json_answer(**values: Any) -> Response:
            page: Page = view(**values)
            response = _cached(jsonify(page.rows), cache)
            if page.next is not None:
                response.headers["Link"] = f'<{_next_address(page.next)}>; rel="next"'
            return response

        seconds = STEADY_SECONDS if cache == STEADY else LIVE_SECONDS
        table = Table(name, list(row["properties"]), view, paging, seconds)

        def whole_answer(**values: Any) -> Response:
            return _cached(table.answer(values), cache)

        rows = {"type": "array", "items": row}
        _add(Endpoint(path, name, text, rows, JSON, (*filters, *paging), may_miss), json_answer)
        _add(Endpoint(f"{path}.csv", f"{name}_csv", text, {"type": "string"}, CSV, filters, may_miss), whole_answer)
        return view

    return decorate


def _add(each: Endpoint, view: Callable[..., Any]) -> None:
    def answer(**path_values: Any) -> Any:
        return view(**path_values, **read_parameters(request.args, each.parameters))

    ENDPOINTS.append(each)
    rule = PLACE.sub(lambda place: f"<{PLACES[place[1]].converter}:{place[1]}>", each.path)
    api.add_url_rule(rule, each.name, answer, methods=["GET"])


def _cached(response: Response, cache: str) -> Response:
    response.headers["Cache-Control"] = cache
    return response


def _next_address(position: str) -> str:
    """This request's address, from this page's place on, relative to the host."""
    return f"{request.path}?{urlencode(request.args.to_dict() | {'next': position})}"

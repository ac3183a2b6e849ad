"""The API's description, OpenAPI 3.1, made of the same declarations that serve it; and a page of it for people."""

from functools import cache
from typing import Any

from flask import render_template

import ctcollect
from webapp.api.endpoints import ENDPOINTS, JSON, PLACES, PREFIX, STEADY, Endpoint, api, document
from webapp.api.parameters import Parameter
from webapp.api.schemas import FAULT

INTRODUCTION = (
    "Read-only and public. Counts are of entries unless named otherwise; times are UTC, days are those of Asia/Tokyo; "
    "later versions may add fields. An unknown parameter is refused. What is wrong is said in one sentence: "
    '{"error": "..."}.'
)
NEXT_LINK = {
    "description": "the next page's address with rel=next; none: this is the last",
    "schema": {"type": "string"},
}


@document(f"{PREFIX}/openapi.json", {"type": "object"}, STEADY)
def openapi() -> dict[str, Any]:
    """This description, OpenAPI 3.1."""
    return openapi_document()


@api.get("/api")
def reference() -> str:
    """The description as a page."""
    return render_template("api.html", document=openapi_document())


@cache
def openapi_document() -> dict[str, Any]:
    """Every declared address; not to be changed."""
    information = {"title": "ctcollect", "version": ctcollect.__version__, "description": INTRODUCTION}
    paths = {each.path: {"get": _operation(each)} for each in ENDPOINTS}
    return {"openapi": "3.1.0", "info": information, "paths": paths, "components": {"schemas": {"Fault": FAULT}}}


def _operation(each: Endpoint) -> dict[str, Any]:
    summary, _, rest = each.text.partition("\n")
    operation: dict[str, Any] = {"operationId": each.name, "summary": summary}
    if rest.strip():
        operation["description"] = " ".join(rest.split())
    parameters = [_place(name) for name in each.places]
    parameters += [_parameter(parameter) for parameter in each.parameters]
    return operation | {"parameters": parameters, "responses": _responses(each)}


def _place(name: str) -> dict[str, Any]:
    place = PLACES[name]
    return {"name": name, "in": "path", "required": True, "description": place.description, "schema": place.schema}


def _parameter(parameter: Parameter) -> dict[str, Any]:
    described = {"name": parameter.name, "in": "query", "required": parameter.is_required}
    described |= {"description": parameter.description, "schema": parameter.schema}
    return described | ({"example": parameter.example} if parameter.example else {})


def _responses(each: Endpoint) -> dict[str, Any]:
    good: dict[str, Any] = {"description": "as asked", "content": {each.media_type: {"schema": each.schema}}}
    if each.has_next:
        good["headers"] = {"Link": NEXT_LINK}
    responses = {"200": good, "400": _fault("a parameter is unknown, missing or wrong")}
    if each.media_type == JSON:
        responses["304"] = {"description": "unchanged since the answer whose ETag If-None-Match names"}
    if each.may_miss:
        responses["404"] = _fault("there is nothing of this name or number")
    return responses | {"503": _fault("the database is away, or there is no room: try again after Retry-After")}


def _fault(description: str) -> dict[str, Any]:
    return {"description": description, "content": {JSON: {"schema": {"$ref": "#/components/schemas/Fault"}}}}

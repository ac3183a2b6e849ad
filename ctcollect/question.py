"""What is asked of a host in one GET, and what may become of the answer's body."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson
import requests

from ctcollect.errors import BadAnswer

PARTIAL_CONTENT = 206
MAX_ERROR_TEXT = 120
CONTENT_RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18})", re.ASCII)


Decode = Callable[[str, bytearray, Mapping[str, str]], Any]


@dataclass(frozen=True, slots=True)
class Question:
    """One GET: what to send, which status is its answer, and what to make of the body (BadAnswer if it can't be).

    ``query`` is added to the request's address, with its question mark.
    """

    url: str
    request: requests.PreparedRequest
    decode: Decode
    status: int = 200
    query: str = ""


class Part(NamedTuple):
    """Some bytes of a file: where they begin, and how long the whole file is."""

    data: bytes
    start: int
    file_size: int


def as_json(url: str, body: bytearray, _: Mapping[str, str]) -> Any:
    """A JSON document."""
    try:
        return orjson.loads(body)
    except ValueError:
        raise BadAnswer(f"{url} answered with something that is not JSON: {excerpt(body)}") from None


def as_plain(_url: str, body: bytearray, _: Mapping[str, str]) -> bytes:
    """The body as it is."""
    return bytes(body)


def as_part(url: str, body: bytearray, headers: Mapping[str, str]) -> Part:
    """By Content-Range (RFC 9110 14.4), which tells the whole file's size as well."""
    said = CONTENT_RANGE.fullmatch(headers.get("Content-Range", ""))
    if said is None or int(said[2]) - int(said[1]) + 1 != len(body):
        raise BadAnswer(f"{url} does not say which bytes it gives")
    return Part(bytes(body), int(said[1]), int(said[3]))


def check_is_part(question: Question, status: int) -> None:
    """Before the body is read: it may be a file of many gigabytes."""
    if question.status == PARTIAL_CONTENT and status == 200:
        raise BadAnswer(f"{question.url}: this host gives whole files only: download it and name the file here")


def excerpt(body: bytearray) -> str:
    """The beginning of an answer in one line, for a person."""
    text = body[:MAX_ERROR_TEXT].decode("utf-8", "replace")
    return " ".join(text.split()) or "(an empty body)"

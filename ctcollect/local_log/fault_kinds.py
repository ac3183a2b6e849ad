"""What can go wrong with a log's answer. Each kind stands between a request and the honest answer to it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http import HTTPStatus
from typing import Any, NamedTuple

import orjson
from pybase64 import b64decode, b64encode_as_string

from ctcollect.local_log.messages import HTML, JSON, Answer, Request, Respond
from ctcollect.local_log.rules import Chance

PORTAL_PAGE = b"<!DOCTYPE html><html><head><title>Welcome</title></head><body>Please log in.</body></html>\n"


class Kind(NamedTuple):
    """``endpoint``: the only one it suits, "" for all. ``decides_itself``: when it strikes is its affair."""

    act: Callable[[Chance, Respond, Request], Answer]
    endpoint: str = ""
    decides_itself: bool = False


def throttle(chance: Chance, honest: Respond, request: Request) -> Answer:
    """429, with or without Retry-After."""
    return _error_page(HTTPStatus.TOO_MANY_REQUESTS, _retry_after(chance))


def unavailable(chance: Chance, honest: Respond, request: Request) -> Answer:
    """503, with or without Retry-After."""
    return _error_page(HTTPStatus.SERVICE_UNAVAILABLE, _retry_after(chance))


def rate_limit(chance: Chance, honest: Respond, request: Request) -> Answer:
    """429 for whatever a client asks beyond its requests per second."""
    if chance.seconds_to_wait(request.client):
        return throttle(chance, honest, request)
    return honest(request)


def reset(chance: Chance, honest: Respond, request: Request) -> Answer:
    """The connection is reset before anything came."""
    return Answer(b"", reset=True)


def cut(chance: Chance, honest: Respond, request: Request) -> Answer:
    """The connection breaks in the middle of the body."""
    answer = honest(request)
    return replace(answer, cut_at=len(answer.body) // 2)


def slow(chance: Chance, honest: Respond, request: Request) -> Answer:
    """Nothing comes for a while."""
    chance.pause(chance.rule.seconds)
    return honest(request)


def html(chance: Chance, honest: Respond, request: Request) -> Answer:
    """A page for people, with status 200."""
    return Answer(PORTAL_PAGE, content_type=HTML)


def lag(chance: Chance, honest: Respond, request: Request) -> Answer:
    """A front end that knows a smaller tree: an old head, 400 for its last entries."""
    return honest(replace(request, tree_size=max(request.tree_size - chance.rule.entries, 0)))


def bad_signature(chance: Chance, honest: Respond, request: Request) -> Answer:
    """A head whose signature has one bit flipped."""

    def flip(head: Any) -> None:
        head["tree_head_signature"] = _flip(head["tree_head_signature"], -1)

    return _edit(honest(request), flip)


def short(chance: Chance, honest: Respond, request: Request) -> Answer:
    """Fewer entries than asked for, at least one of those that there are."""

    def shorten(document: Any) -> None:
        entries = document["entries"]
        del entries[chance.rule.entries or 1 + chance.below(max(len(entries), 1)) :]

    return _edit(honest(request), shorten)


def zero(chance: Chance, honest: Respond, request: Request) -> Answer:
    """No entries at all, with status 200."""
    return _edit(honest(request), lambda document: document["entries"].clear())


def too_many(chance: Chance, honest: Respond, request: Request) -> Answer:
    """More entries than asked for: the last one comes again and again."""

    def repeat(document: Any) -> None:
        document["entries"] += document["entries"][-1:] * max(chance.rule.entries, 1)

    return _edit(honest(request), repeat)


def alter(chance: Chance, honest: Respond, request: Request) -> Answer:
    """One bit of one entry flipped, whenever the rule strikes an answer that holds this entry."""
    answer, rule = honest(request), chance.rule
    position = rule.index - int(request.query.get("start") or 0) if answer.entries else -1
    if not (0 <= position < answer.entries and chance.strikes()):
        return answer

    def flip(document: Any) -> None:
        entry = document["entries"][position]
        entry[rule.field] = _flip(entry[rule.field], rule.byte)

    return _edit(answer, flip)


KINDS: Mapping[str, Kind] = {
    "throttle": Kind(throttle),
    "unavailable": Kind(unavailable),
    "rate_limit": Kind(rate_limit, decides_itself=True),
    "reset": Kind(reset),
    "cut": Kind(cut),
    "slow": Kind(slow),
    "html": Kind(html),
    "lag": Kind(lag),
    "bad_signature": Kind(bad_signature, "get-sth"),
    "short": Kind(short, "get-entries"),
    "zero": Kind(zero, "get-entries"),
    "too_many": Kind(too_many, "get-entries"),
    "alter": Kind(alter, "get-entries", decides_itself=True),
}


def _edit(answer: Answer, change: Callable[[Any], None]) -> Answer:
    """The answer with its JSON changed; an error or a page stays as it is."""
    if answer.status != HTTPStatus.OK or answer.content_type != JSON or answer.reset:
        return answer
    document = orjson.loads(answer.body)
    change(document)
    return replace(answer, body=orjson.dumps(document), entries=len(document.get("entries", ())))


def _flip(text: str, position: int) -> str:
    data = bytearray(b64decode(text))
    data[position % len(data)] ^= 1
    return b64encode_as_string(data)


def _retry_after(chance: Chance) -> tuple[tuple[str, str], ...]:
    seconds = chance.rule.retry_after
    if seconds is None:
        return ()
    if chance.rule.retry_as_date:
        moment = datetime.now(UTC) + timedelta(seconds=seconds)
        return (("Retry-After", format_datetime(moment, usegmt=True)),)
    return (("Retry-After", f"{seconds:g}"),)


def _error_page(status: HTTPStatus, headers: tuple[tuple[str, str], ...]) -> Answer:
    """What nginx in front of a log shows."""
    title = f"{status.value} {status.phrase}"
    page = f"<html><head><title>{title}</title></head><body><h1>{title}</h1><hr>nginx</body></html>\n"
    return Answer(page.encode(), status, HTML, headers)

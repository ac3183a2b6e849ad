"""The workers' events, as an account may publish them: PURE. Redis binds the channel to the account, this the name."""

import math
from typing import Any

import orjson
import pybase64

MAX_EVENT_BYTES = 64 * 2**10
MAX_TEXT_CHARACTERS = 255
HIGHEST_NUMBER = 2**53
NUMBERS = ("timestamp", "clock", "pid", "utcoffset")
Number = int | float


def is_event_of(message: object, account: str) -> bool:
    """Whether a message holds one event, or a list of them, of workers of this account, made of plain values alone."""
    try:
        body = message["body"]  # type: ignore[index]
        if len(body) > MAX_EVENT_BYTES or message["headers"].get("compression"):  # type: ignore[index]
            return False
        content = orjson.loads(pybase64.b64decode(body, validate=True))
    except (AttributeError, KeyError, TypeError, ValueError):
        return False
    events = content if isinstance(content, list) else [content]
    return all(_is_plain(event) and event["hostname"].startswith(f"{account}@") for event in events)


def _is_plain(event: Any) -> bool:
    if not isinstance(event, dict) or not isinstance(event.get("hostname"), str):
        return False
    if not isinstance(event.get("type"), str) or not all(map(_is_plain_value, event.values())):
        return False
    return all(isinstance(event.get(name, 0), Number) for name in NUMBERS)


def _is_plain_value(value: object) -> bool:
    if isinstance(value, str):
        return len(value) <= MAX_TEXT_CHARACTERS
    if isinstance(value, Number):
        return math.isfinite(value) and abs(value) <= HIGHEST_NUMBER
    return value is None or (isinstance(value, list) and all(isinstance(each, Number) for each in value))

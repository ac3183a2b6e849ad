"""Readers of single JSON fields; each says in one line what is wrong with its field (MalformedEntry)."""

import base64
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ctcollect.errors import MalformedEntry

TEXT_MAX_CHARACTERS = 120


def required_text(entry: Mapping[str, Any], field: str) -> str:
    """The non-empty text under ``field``."""
    value = entry.get(field)
    if value is None or value == "":
        raise MalformedEntry(f"{field} is missing")
    if not isinstance(value, str):
        raise MalformedEntry(f"{field} is not text")
    return value


def mapping(value: object, field: str) -> Mapping[str, Any]:
    """``value``, which must be a JSON object."""
    if not isinstance(value, dict):
        raise MalformedEntry(f"{field} is not an object")
    return value


def whole_number(value: object, field: str, low: int, high: int) -> int:
    """``value``, which must be an integer in low..high (both inclusive); true and false are none."""
    if type(value) is not int or not low <= value <= high:
        raise MalformedEntry(f"{field} is not a whole number from {low} to {high}")
    return value


def base64_bytes(entry: Mapping[str, Any], field: str) -> bytes:
    """The bytes that ``field`` holds as base64 (RFC 4648, section 4)."""
    text = required_text(entry, field)
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        raise MalformedEntry(f"{field} is not base64") from None


def sha256_bytes(entry: Mapping[str, Any], field: str) -> bytes:
    """The 32 bytes that ``field`` holds as base64."""
    digest = base64_bytes(entry, field)
    if len(digest) != 32:
        raise MalformedEntry(f"{field} is {len(digest)} bytes long, not 32")
    return digest


def utc_time(entry: Mapping[str, Any], field: str) -> datetime:
    """The RFC 3339 time (or ISO 8601 date) under ``field`` as naive UTC; one without an offset is in UTC."""
    text = required_text(entry, field)
    try:
        time = datetime.fromisoformat(text)
        return time.astimezone(UTC).replace(tzinfo=None) if time.tzinfo else time
    except (ValueError, OverflowError):
        raise MalformedEntry(f"{field} is not a time") from None


def one_line(text: str) -> str:
    """``text`` as one printable line of at most 120 characters, safe for a terminal and for a database."""
    spaced = " ".join(text.split())[:TEXT_MAX_CHARACTERS].rstrip()
    return "".join(sign if sign.isprintable() else "?" for sign in spaced)

"""Reads one log of a log list, RFC 6962 or static-ct."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from ctcollect.catalogue.addresses import is_log_url, is_placeholder
from ctcollect.catalogue.fields import (
    base64_bytes,
    mapping,
    one_line,
    required_text,
    sha256_bytes,
    utc_time,
    whole_number,
)
from ctcollect.catalogue.log import TILE_ENTRIES, Kind, Log, subrange_entries_for
from ctcollect.catalogue.operators import Operator, operator_named, operator_of
from ctcollect.errors import MalformedEntry

MMD_DEFAULT_SECONDS = 86_400
MMD_MAX_SECONDS = 366 * 86_400
TREE_SIZE_MAX = 2**63 - 1
TYPE_MAX_CHARACTERS = 32
STATE_MAX_CHARACTERS = 32
KEY_MAX_BYTES = 1024


@dataclass(frozen=True, slots=True)
class _State:
    state: str | None = None
    state_since: datetime | None = None
    final_tree_size: int | None = None
    final_root_hash: bytes | None = None


def read_log(entry: Mapping[str, Any], operator_name: str, queue: str | None, kind: Kind) -> Log:
    """The log that ``entry`` of ``operator_name`` describes, on ``queue`` or else on its operator's queue.

    MalformedEntry says which field is wrong, or that nothing names a queue.
    """
    # {"description"?: text, "log_id": base64, "key": base64, "mmd"?: seconds, "log_type"?: text,
    #  "temporal_interval"?: {...}, "state"?: {...}} and "url", or "submission_url" and "monitoring_url"
    is_static = kind == "static"
    url = _url(entry, "monitoring_url" if is_static else "url")
    key, state = _key(entry), _state(entry)
    operator = operator_named(operator_name)
    guess = _first_guess(operator, operator_name, queue)
    description = _description(entry, url)
    interval_start, interval_end = _temporal_interval(entry)
    batch_entries = TILE_ENTRIES if is_static else guess.batch_entries_at(url)
    return Log(
        log_id=_log_id(entry, key),
        name=description,
        description=description,
        operator=operator.name if operator else operator_name,
        queue=queue or guess.queue,
        kind=kind,
        url=url,
        key=key,
        mmd_seconds=whole_number(entry.get("mmd", MMD_DEFAULT_SECONDS), "mmd", 1, MMD_MAX_SECONDS),
        state=state.state,
        state_since=state.state_since,
        interval_start=interval_start,
        interval_end=interval_end,
        batch_entries=batch_entries,
        subrange_entries=subrange_entries_for(batch_entries, guess.requests_per_second_ceiling),
        final_tree_size=state.final_tree_size,
        final_root_hash=state.final_root_hash,
        log_type=_log_type(entry),
        submission_url=_url(entry, "submission_url") if is_static else None,
    )


def state_name(entry: object) -> str | None:
    """The list's word for a log's state, whatever else is wrong with its entry; None when it has not just one."""
    states = entry.get("state") if isinstance(entry, dict) else None
    return one_line(str(*states)) if isinstance(states, dict) and len(states) == 1 else None


def log_id_named(entry: object) -> str | None:
    """The log_id that an entry gives, in hex, whatever else is wrong with it; None when it gives none."""
    try:
        return sha256_bytes(mapping(entry, "log"), "log_id").hex()
    except MalformedEntry:
        return None


def _first_guess(operator: Operator | None, operator_name: str, queue: str | None) -> Operator:
    """Whose numbers a log starts with: its operator's, else those of the operator whose queue it joins."""
    if operator is not None:
        return operator
    if queue is None:
        raise MalformedEntry(f"operator {operator_name!r} has no queue: name one with --queue")
    return operator_of(queue)


def _key(entry: Mapping[str, Any]) -> bytes:
    key = base64_bytes(entry, "key")
    if len(key) > KEY_MAX_BYTES:
        raise MalformedEntry(f"key is {len(key)} bytes long, more than {KEY_MAX_BYTES}")
    return key


def _log_id(entry: Mapping[str, Any], key: bytes) -> str:
    """RFC 6962, 3.2: the LogID is SHA-256 over the key as a SubjectPublicKeyInfo."""
    log_id = sha256_bytes(entry, "log_id")
    if hashlib.sha256(key).digest() != log_id:
        raise MalformedEntry("log_id is not SHA-256 of key")
    return log_id.hex()


def _url(entry: Mapping[str, Any], field: str) -> str:
    url = required_text(entry, field)
    if not is_log_url(url):
        raise MalformedEntry(f"{field} is not a plain http(s) address")
    if is_placeholder(url):
        raise MalformedEntry(f"{field} is a placeholder, there is no such log")
    return url if url.endswith("/") else url + "/"


def _description(entry: Mapping[str, Any], url: str) -> str:
    """The description, or the last part of the url's path (its host when there is no path)."""
    parts = urlsplit(url)
    last_part = parts.path.strip("/").rpartition("/")[2] or parts.netloc
    described = required_text(entry, "description") if entry.get("description") else last_part
    return one_line(described) or one_line(last_part)


def _log_type(entry: Mapping[str, Any]) -> str | None:
    """ "prod", "test" or "monitoring_only"; a list that does not say has None."""
    return None if entry.get("log_type") is None else one_line(required_text(entry, "log_type"))[:TYPE_MAX_CHARACTERS]


def _temporal_interval(entry: Mapping[str, Any]) -> tuple[datetime | None, datetime | None]:
    # {"start_inclusive": time, "end_exclusive": time}
    if entry.get("temporal_interval") is None:
        return None, None
    interval = mapping(entry["temporal_interval"], "temporal_interval")
    start, end = utc_time(interval, "start_inclusive"), utc_time(interval, "end_exclusive")
    if start >= end:
        raise MalformedEntry("temporal_interval ends before it starts")
    return start, end


def _state(entry: Mapping[str, Any]) -> _State:
    # {STATE: {"timestamp"?: time, "final_tree_head"?: {"tree_size": number, "sha256_root_hash": base64}}}
    if entry.get("state") is None:
        return _State()
    states = mapping(entry["state"], "state")
    if len(states) != 1:
        raise MalformedEntry(f"state has {len(states)} keys, not one")
    ((name, details),) = states.items()
    name, details = one_line(name)[:STATE_MAX_CHARACTERS], mapping(details, "state")
    if not name:
        raise MalformedEntry("state has no name")
    since = utc_time(details, "timestamp") if "timestamp" in details else None
    if details.get("final_tree_head") is None:
        return _State(name, since)
    head = mapping(details["final_tree_head"], "final_tree_head")
    tree_size = whole_number(head.get("tree_size"), "tree_size", 0, TREE_SIZE_MAX)
    return _State(name, since, tree_size, sha256_bytes(head, "sha256_root_hash"))

"""The logs that the project sets out to collect. Bundled, because public lists drop a log after its end."""

import base64
import json
from functools import cache
from importlib.resources import files
from typing import Any

from ctcollect.catalogue.fields import utc_time
from ctcollect.catalogue.log import TILE_ENTRIES, Log, subrange_entries_for
from ctcollect.catalogue.operators import operator_named
from ctcollect.errors import ConfigurationError


@cache
def bundled() -> tuple[Log, ...]:
    """The logs of logs.json, by queue and name."""
    entries = json.loads(files(__package__).joinpath("logs.json").read_text("utf-8"))
    return tuple(_log(entry) for entry in entries)


@cache
def bundled_by_id() -> dict[str, Log]:
    """The bundled logs by log_id (hex)."""
    return {log.log_id: log for log in bundled()}


def _log(entry: dict[str, Any]) -> Log:
    operator = operator_named(entry["operator"])
    if operator is None:
        raise ConfigurationError(f"logs.json: {entry['operator']!r} is not in operators.json: add it")
    is_static = entry["kind"] == "static"
    batch_entries = TILE_ENTRIES if is_static else operator.batch_entries_at(entry["url"])
    return Log(
        log_id=entry["log_id"],
        name=entry["name"],
        description=entry["description"],
        operator=operator.name,
        queue=operator.queue,
        kind=entry["kind"],
        url=entry["url"],
        key=base64.b64decode(entry["key"]),
        mmd_seconds=entry["mmd_seconds"],
        state=entry["state"],
        state_since=utc_time(entry, "state_since"),
        interval_start=utc_time(entry, "interval_start"),
        interval_end=utc_time(entry, "interval_end"),
        batch_entries=batch_entries,
        subrange_entries=subrange_entries_for(batch_entries, operator.requests_per_second_ceiling),
        submission_url=entry.get("submission_url"),
        available_from=entry.get("available_from"),
        last_listed=utc_time(entry, "last_listed"),
    )

"""A log list of local logs."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from pybase64 import b64encode_as_string

from ctcollect.local_log.log import MAX_DELAY_SECONDS, LocalLog

Urls = Callable[[str], str]


def chrome_v3(logs: Iterable[LocalLog], url_of: Urls, monitoring_url_of: Urls | None = None) -> dict[str, Any]:
    """The shape of Chrome's log list, version 3: logs by operator, every one usable.

    With ``monitoring_url_of`` they are static-ct logs, which have their files there.
    """
    operators: dict[str, list[dict[str, Any]]] = {}
    for log in logs:
        operators.setdefault(log.operator, []).append(log_entry(log, _urls(log.name, url_of, monitoring_url_of)))
    kind, other = ("tiled_logs", "logs") if monitoring_url_of else ("logs", "tiled_logs")
    return {
        "version": "3.0",
        "log_list_timestamp": _rfc3339(datetime.now(UTC)),
        "operators": [
            {"name": operator, "email": [], kind: entries, other: []} for operator, entries in operators.items()
        ],
    }


def _urls(name: str, url_of: Urls, monitoring_url_of: Urls | None) -> dict[str, str]:
    if monitoring_url_of is None:
        return {"url": url_of(name)}
    return {"submission_url": url_of(name), "monitoring_url": monitoring_url_of(name)}


def log_entry(log: LocalLog, urls: dict[str, str]) -> dict[str, Any]:
    """One log of a list, with the fields of its kind that say where it is."""
    start, end = log.temporal_interval
    return {
        "description": log.description,
        "log_id": b64encode_as_string(log.log_id),
        "key": b64encode_as_string(log.key_der),
        **urls,
        "mmd": MAX_DELAY_SECONDS,
        "state": {"usable": {"timestamp": _rfc3339(start)}},
        "temporal_interval": {"start_inclusive": _rfc3339(start), "end_exclusive": _rfc3339(end)},
    }


def _rfc3339(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")

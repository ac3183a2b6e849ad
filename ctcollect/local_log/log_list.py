"""A log list of local logs."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from pybase64 import b64encode_as_string

from ctcollect.local_log.log import MAX_DELAY_SECONDS, LocalLog


def chrome_v3(logs: Iterable[LocalLog], url_of: Callable[[str], str]) -> dict[str, Any]:
    """The shape of Chrome's log list, version 3: logs by operator, every one usable."""
    operators: dict[str, list[dict[str, Any]]] = {}
    for log in logs:
        operators.setdefault(log.operator, []).append(_log(log, url_of(log.name)))
    return {
        "version": "3.0",
        "log_list_timestamp": _rfc3339(datetime.now(UTC)),
        "operators": [
            {"name": operator, "email": [], "logs": entries, "tiled_logs": []}
            for operator, entries in operators.items()
        ],
    }


def _log(log: LocalLog, url: str) -> dict[str, Any]:
    start, end = log.temporal_interval
    return {
        "description": log.description,
        "log_id": b64encode_as_string(log.log_id),
        "key": b64encode_as_string(log.key_der),
        "url": url,
        "mmd": MAX_DELAY_SECONDS,
        "state": {"usable": {"timestamp": _rfc3339(start)}},
        "temporal_interval": {"start_inclusive": _rfc3339(start), "end_exclusive": _rfc3339(end)},
    }


def _rfc3339(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")

"""Log lists made by hand for the tests."""

import base64
import hashlib
import json
from typing import Any


def entry(number: int = 1, **changes: Any) -> dict[str, Any]:
    """A sound log of a list, its key made from ``number``; a change to None takes the field away."""
    key = b"a public key, number %d" % number
    fields: dict[str, Any] = {
        "description": f"Log {number}",
        "log_id": base64.b64encode(hashlib.sha256(key).digest()).decode(),
        "key": base64.b64encode(key).decode(),
        "url": f"https://ct{number}.log.jp/log{number}/",
        "mmd": 3600,
        "temporal_interval": {
            "start_inclusive": "2025-01-01T00:00:00Z",
            "end_exclusive": "2025-07-01T09:00:00+09:00",
        },
        "state": {"usable": {"timestamp": "2024-09-30T22:19:27Z"}},
    }
    fields.update(changes)
    return {name: value for name, value in fields.items() if value is not None}


def log_list(*entries: Any, operator: str = "Google", **sections: Any) -> str:
    """A list of one operator with these logs."""
    return json.dumps({"operators": [{"name": operator, "logs": list(entries), **sections}]})

"""Friends, told from their workers."""

from collections.abc import Mapping, Sequence
from typing import Any

Worker = Mapping[str, Any]


def friends_of(workers: Sequence[Worker]) -> list[dict[str, Any]]:
    """One element a friend, by name; ``workers`` are the status document's."""
    by_friend: dict[str, list[Worker]] = {}
    for worker in workers:
        by_friend.setdefault(worker["friend"], []).append(worker)
    return [_friend(name, by_friend[name]) for name in sorted(by_friend)]


def _friend(name: str, workers: Sequence[Worker]) -> dict[str, Any]:
    return {
        "name": name,
        "workers": len(workers),
        "running": sum(worker["running"] for worker in workers),
        "first_seen": min(worker["first_seen"] for worker in workers),
        "last_seen": max(worker["last_seen"] for worker in workers),
        "entries": sum(worker["entries"] for worker in workers),
        "certificates": sum(worker["certificates"] for worker in workers),
        "entries_per_second": round(sum(worker["entries_per_second"] for worker in workers), 1),
    }

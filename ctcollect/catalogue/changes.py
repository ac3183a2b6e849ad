"""What a list would change of the logs that are known."""

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from datetime import datetime

from ctcollect.catalogue.log import Log

# Facts that a list gives and people want to see change; the others follow from these or are only words.
COMPARED = (
    "state", "state_since", "url", "submission_url", "operator", "queue", "kind", "key", "mmd_seconds", "log_type",
    "interval_start", "interval_end", "final_tree_size", "final_root_hash",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ListedBefore:
    """The ids of the logs that a list held when it was last read, and of those that had vanished from it by then."""

    present: tuple[str, ...]
    vanished: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Changes:
    """What a list brings: ``changed`` holds each log with a line for each fact; ``vanished`` are names."""

    new: tuple[Log, ...]
    changed: tuple[tuple[Log, tuple[str, ...]], ...]
    returned: tuple[str, ...]
    vanished: tuple[str, ...]
    same: int

    def lines(self) -> Iterator[str]:
        """A readable diff: + new, ~ changed, - no longer in the list."""
        for log in self.new:
            yield f"+ {log.name}: {log.state or 'no state'}, {log.kind}, queue {log.queue}, {log.url}"
        for log, facts in self.changed:
            yield f"~ {log.name}: {'; '.join(facts)}"
        for name in self.returned:
            yield f"~ {name}: in the list again"
        for name in self.vanished:
            yield f"- {name}: no longer in the list; what is known and collected of it stays"

    def __bool__(self) -> bool:
        return bool(self.new or self.changed or self.returned or self.vanished)


def compare(listed: Iterable[Log], known: Mapping[str, Log], before: ListedBefore, still_listed: set[str]) -> Changes:
    """What ``listed`` changes of the logs ``known`` by log_id.

    ``still_listed`` are the ids of all logs in the list: one that is set aside this time has not vanished.
    """
    logs = {log.log_id: log for log in listed}
    news = {log_id: _facts(known[log_id], log) for log_id, log in logs.items() if log_id in known}
    return Changes(
        new=tuple(log for log_id, log in logs.items() if log_id not in known),
        changed=tuple((known[log_id], facts) for log_id, facts in news.items() if facts),
        returned=_names(known, before.vanished, logs.keys()),
        vanished=_names(known, before.present, known.keys() - still_listed),
        same=sum(not facts for facts in news.values()),
    )


def _names(known: Mapping[str, Log], log_ids: Iterable[str], wanted: Set[str]) -> tuple[str, ...]:
    return tuple(sorted(known[log_id].name for log_id in log_ids if log_id in wanted and log_id in known))


def _facts(known: Log, listed: Log) -> tuple[str, ...]:
    """A line for each fact that differs, ``state usable -> readonly``."""
    pairs = ((name, _shown(known, name), _shown(listed, name)) for name in COMPARED)
    return tuple(f"{name} {before} -> {after}" for name, before, after in pairs if before != after)


def _shown(log: Log, name: str) -> str:
    """A fact as the diff shows and compares it: of a state's beginning the day, which is all that some lists tell."""
    value = getattr(log, name)
    if name == "state_since" and value is not None:
        return f"{value:%Y-%m-%d}"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, bytes):
        return value.hex()
    return "-" if value is None else str(value)

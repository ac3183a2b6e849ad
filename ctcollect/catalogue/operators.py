"""The operators whose logs are collected: a further operator is a line of operators.json, not code."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

# The queue of the logs that are read from zip files.
ARCHIVES = "archive"
LEGAL_FORMS = frozenset({"llc", "inc", "ltd", "limited", "corp", "corporation", "co", "gmbh"})


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator: its queue, and the first guesses about its hosts.

    ``batch_entries`` is how many entries an answer to get-entries holds; a log's own size is learnt from its
    answers. ``batch_entries_by_host`` maps a host pattern (``yeti*.ct.digicert.com``) to the size there.
    ``tasks_per_second`` limits one worker on this queue: a safety net over the pace of each host, which
    starts at ``requests_per_second_start`` and never goes over ``requests_per_second_ceiling``.
    """

    name: str
    queue: str
    batch_entries: int
    batch_entries_by_host: Mapping[str, int]
    tasks_per_second: float
    requests_per_second_start: float
    requests_per_second_ceiling: float

    def batch_entries_at(self, url: str) -> int:
        """The first guess of an answer's entries for the log at ``url``."""
        host = urlsplit(url).hostname or ""
        for pattern, batch_entries in self.batch_entries_by_host.items():
            if fnmatchcase(host, pattern):
                return batch_entries
        return self.batch_entries


@cache
def operators() -> tuple[Operator, ...]:
    """Every operator of operators.json, in its order."""
    lines = json.loads(files(__package__).joinpath("operators.json").read_text("utf-8"))
    return tuple(_operator(**line) for line in lines)


def _operator(batch_entries_by_host: dict[str, int], **line: Any) -> Operator:
    return Operator(batch_entries_by_host=MappingProxyType(batch_entries_by_host), **line)


def queues() -> tuple[str, ...]:
    """The names of the queues, each once, in the order of operators.json."""
    return tuple(dict.fromkeys(operator.queue for operator in operators()))


def usual_queues(has_archives: bool) -> tuple[str, ...]:
    """What a worker serves when nobody says which queues: that of archives only where there are some."""
    return tuple(name for name in queues() if has_archives or name != ARCHIVES)


def operator_named(name: str) -> Operator | None:
    """The operator that a log list means by ``name``, None when it is none of ours.

    Case, spaces, punctuation and legal forms do not count: "Trust Asia" is TrustAsia, "Google LLC" is Google.
    """
    return _by_bare_name().get(_bare(name))


def operator_of(queue: str) -> Operator:
    """The first operator on ``queue``; KeyError when there is no such queue."""
    for operator in operators():
        if operator.queue == queue:
            return operator
    raise KeyError(queue)


@cache
def _by_bare_name() -> dict[str, Operator]:
    return {_bare(operator.name): operator for operator in operators()}


def _bare(name: str) -> str:
    words = re.findall(r"\w+", name.casefold())
    return "".join(word for word in words if word not in LEGAL_FORMS)

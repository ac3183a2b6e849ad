"""Reads log lists of the shape that Chrome (v3) and Apple publish.

{"operators": [{"name": text, "logs": [LOG, ...], "tiled_logs"?: [LOG, ...]}, ...]}, LOG as in log_entry.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from ctcollect.catalogue.bundled import bundled_by_id
from ctcollect.catalogue.fields import one_line
from ctcollect.catalogue.log import Log
from ctcollect.catalogue.log_entry import read_log
from ctcollect.catalogue.operators import queues
from ctcollect.errors import ConfigurationError, MalformedEntry


@dataclass(frozen=True, slots=True)
class Skipped:
    """A log of a list that was not taken, and why; each in one printable line."""

    description: str
    reason: str


@dataclass(frozen=True, slots=True)
class LogList:
    """What a list holds for us: ``logs`` with distinct ids and distinct names, in the list's order."""

    logs: tuple[Log, ...]
    skipped: tuple[Skipped, ...]


def read_log_list(text: str | bytes, queue: str | None = None) -> LogList:
    """The logs of a list; ``queue``, when given, is the queue of them all, else each operator decides.

    A log that cannot be taken is skipped with its reason and costs no other. ConfigurationError: the text is
    no log list, or there is no such queue. Whether an address may be fetched is judged by the caller, with
    is_local_url.
    """
    if queue is not None and queue not in queues():
        raise ConfigurationError(f"there is no queue {one_line(queue)!r}: choose one of {', '.join(queues())}")
    logs: dict[str, Log] = {}
    skipped: list[Skipped] = []
    for found in _read_entries(_operators(text), queue):
        if isinstance(found, Skipped):
            skipped.append(found)
        elif found.log_id in logs:
            skipped.append(Skipped(found.description, "its log_id stands twice in the list: the first is taken"))
        else:
            logs[found.log_id] = found
    return LogList(tuple(_with_distinct_names(logs.values())), tuple(skipped))


def _operators(text: str | bytes) -> list[Any]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _not_a_list(f"it is not JSON ({one_line(str(error))})") from None
    if not isinstance(document, dict):
        raise _not_a_list("its JSON is not an object")
    operators = document.get("operators")
    if not isinstance(operators, list):
        raise _not_a_list("it has no list of operators")
    return operators


def _not_a_list(why: str) -> ConfigurationError:
    return ConfigurationError(f"this is not a log list: {why}; give one of the shape of Chrome's log_list.json (v3)")


def _read_entries(operators: list[Any], queue: str | None) -> Iterator[Log | Skipped]:
    for operator in operators:
        if not isinstance(operator, dict) or not isinstance(operator.get("name"), str):
            yield Skipped("an operator", "it is not an object with a name")
            continue
        name = one_line(operator["name"])
        for section in ("logs", "tiled_logs"):
            entries = operator.get(section, [])
            if not isinstance(entries, list):
                yield Skipped(name, f"{section} is not a list")
                continue
            for entry in entries:
                yield _read_entry(entry, name, section, queue)


def _read_entry(entry: object, operator_name: str, section: str, queue: str | None) -> Log | Skipped:
    try:
        if not isinstance(entry, dict):
            raise MalformedEntry("it is not an object")
        if section == "tiled_logs" or ("url" not in entry and "monitoring_url" in entry):
            raise MalformedEntry("static-ct log: not read yet")
        return _as_bundled(read_log(entry, operator_name, queue))
    except MalformedEntry as error:
        return Skipped(_label(entry), str(error))


def _label(entry: object) -> str:
    """Words for a log that may lack any field."""
    fields = entry if isinstance(entry, dict) else {}
    known = (fields.get(field) for field in ("description", "url", "log_id"))
    return next((one_line(text) for text in known if isinstance(text, str) and text), "a log without a description")


def _as_bundled(log: Log) -> Log:
    """``log`` under the short name and with the batch size that the project knows it by, if it knows it."""
    known = bundled_by_id().get(log.log_id)
    if known is None:
        return log
    return replace(log, name=known.name, batch_entries=known.batch_entries, subrange_entries=known.subrange_entries)


def _with_distinct_names(logs: Iterable[Log]) -> Iterator[Log]:
    """The logs, each under a name of its own; case does not tell two names apart, databases may ignore it.

    A bundled log keeps its name wherever it stands in the list.
    """
    logs = tuple(logs)
    taken = {log.name.casefold() for log in logs if log.log_id in bundled_by_id()}
    for log in logs:
        if log.log_id not in bundled_by_id():
            log = _renamed(log, taken)
            taken.add(log.name.casefold())
        yield log


def _renamed(log: Log, taken: set[str]) -> Log:
    name = log.name
    while name.casefold() in taken:
        name += "-" + log.log_id[:8]
    return replace(log, name=name)

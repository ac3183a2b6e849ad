"""Reads log lists of the shape that Chrome (v2, v3) and Apple publish.

{"operators": [{"name": text, "logs": [LOG, ...], "tiled_logs"?: [LOG, ...]}, ...]}, LOG as in log_entry. Beside
it Chrome's have "log_list_timestamp" or "is_all_logs", Apple's "assetVersion".
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ctcollect.catalogue.bundled import bundled_by_id
from ctcollect.catalogue.fields import one_line
from ctcollect.catalogue.log import Log
from ctcollect.catalogue.log_entry import log_id_named, read_log, state_name
from ctcollect.catalogue.operators import queues
from ctcollect.catalogue.states import NONE
from ctcollect.errors import ConfigurationError, MalformedEntry

TWICE = "its log_id stands twice in the list: the first is taken"
OTHER = "other"
# Fields at the top of a list by which one tells who publishes it.
PUBLISHERS = {
    "apple": {"assetVersion", "assetVersionV2"},
    "chrome": {"log_list_timestamp", "is_all_logs", "version"},
}


@dataclass(frozen=True, slots=True)
class Skipped:
    """A log of a list that was not taken, and why, each in one printable line.

    ``state`` and ``log_id`` are what the list says, so far as they can be read.
    """

    description: str
    reason: str
    state: str | None = None
    log_id: str | None = None


@dataclass(frozen=True, slots=True)
class LogList:
    """What a list holds for us: ``logs`` with distinct ids and distinct names, in the list's order.

    ``publisher`` is whose shape it has: "chrome", "apple" or "other".
    """

    logs: tuple[Log, ...]
    skipped: tuple[Skipped, ...]
    publisher: str = OTHER

    def counts_by_state(self) -> Counter[str]:
        """How many logs the list holds, taken or not, in each of its own states; "none" without one."""
        states = [each.state for each in self.logs] + [each.state for each in self.skipped]
        return Counter(state or NONE for state in states)

    def log_ids(self) -> set[str]:
        """The logs that the list holds, taken or not."""
        return {log.log_id for log in self.logs} | {each.log_id for each in self.skipped if each.log_id}

    def without(self, refused: Mapping[str, str]) -> "LogList":
        """The list with these logs (reason by log_id) set aside as well."""
        skipped = tuple(
            Skipped(log.name, refused[log.log_id], log.state, log.log_id) for log in self.logs if log.log_id in refused
        )
        return replace(
            self,
            logs=tuple(log for log in self.logs if log.log_id not in refused),
            skipped=(*self.skipped, *skipped),
        )


def read_log_list(text: str | bytes, queue: str | None = None, queue_of: Mapping[str, str] | None = None) -> LogList:
    """The logs of a list; ``queue``, when given, is the queue of them all, else each operator decides.

    As log_list_of. ConfigurationError also when the text is no JSON.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _not_a_list(f"it is not JSON ({one_line(str(error))})") from None
    return log_list_of(document, queue, queue_of)


def log_list_of(document: object, queue: str | None = None, queue_of: Mapping[str, str] | None = None) -> LogList:
    """The logs of a decoded list. Logs by whose log_id ``queue_of`` names a queue stay there.

    A log that cannot be taken is skipped with its reason and costs no other. ConfigurationError: this is
    no log list, or there is no such queue. Whether an address may be fetched is judged by the caller, with
    is_local_url.
    """
    if queue is not None and queue not in queues():
        raise ConfigurationError(f"there is no queue {one_line(queue)!r}: choose one of {', '.join(queues())}")
    operators = _operators(document)
    logs: dict[str, Log] = {}
    skipped: list[Skipped] = []
    for found in _read_entries(operators, queue, queue_of or {}):
        if isinstance(found, Skipped):
            skipped.append(found)
        elif found.log_id in logs:
            skipped.append(Skipped(found.description, TWICE, found.state, found.log_id))
        else:
            logs[found.log_id] = found
    return LogList(tuple(_with_distinct_names(logs.values())), tuple(skipped), _publisher(document))


def _publisher(document: object) -> str:
    for publisher, fields in PUBLISHERS.items():
        if isinstance(document, dict) and fields & document.keys():
            return publisher
    return OTHER


def _operators(document: object) -> list[Any]:
    if not isinstance(document, dict):
        raise _not_a_list("its JSON is not an object")
    operators = document.get("operators")
    if not isinstance(operators, list):
        raise _not_a_list("it has no list of operators")
    if "logs" in document:
        raise _not_a_list("its logs do not stand with their operators, as in version 1")
    return operators


def _not_a_list(why: str) -> ConfigurationError:
    return ConfigurationError(f"this is not a log list: {why}; give one of the shape of Chrome's log_list.json (v3)")


def _read_entries(operators: list[Any], queue: str | None, queue_of: Mapping[str, str]) -> Iterator[Log | Skipped]:
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
                yield _read_entry(entry, name, section, queue or queue_of.get(log_id_named(entry) or ""))


def _read_entry(entry: object, operator_name: str, section: str, queue: str | None) -> Log | Skipped:
    try:
        if not isinstance(entry, dict):
            raise MalformedEntry("it is not an object")
        is_static = section == "tiled_logs" or ("url" not in entry and "monitoring_url" in entry)
        return _as_bundled(read_log(entry, operator_name, queue, "static" if is_static else "rfc6962"))
    except MalformedEntry as error:
        return Skipped(_label(entry), str(error), state_name(entry), log_id_named(entry))


def _label(entry: object) -> str:
    """Words for a log that may lack any field."""
    fields = entry if isinstance(entry, dict) else {}
    known = (fields.get(field) for field in ("description", "url", "monitoring_url", "log_id"))
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

"""Published log lists: read from where they are, compared with what is known, taken over."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ctcollect.catalogue import (
    Changes,
    Log,
    LogList,
    compare,
    list_sources,
    log_list_of,
    read_log_list,
    rule_of,
)
from ctcollect.client import Http, check_url
from ctcollect.errors import ConfigurationError
from ctcollect.pace import Gate, Pace
from ctcollect.settings import Settings
from ctcollect.store import Session, Store, utc_now
from ctcollect.store.listings import listed_before, note_listed, note_vanished
from ctcollect.store.logs import as_known, known_logs, put_logs

LIST_MAX_BYTES = 16 * 2**20
LIST_SECONDS = 60.0
PER_SECOND = 1.0
NOT_VOUCHED_FOR = "the list gives it no state: 'ctcollect logs import' takes it if you want it"


@dataclass(frozen=True, slots=True)
class Update:
    """A list that was read and what it would change; ``list_name`` tells its publisher."""

    list_name: str
    found: LogList
    changes: Changes


def read_source(source: str, settings: Settings, queue: str | None, queue_of: Mapping[str, str]) -> LogList:
    """The list that a name of sources.json, a url or a file leads to. CtcollectError in a line when there is none."""
    url = list_sources().get(source, source)
    if "://" in url:
        return log_list_of(_download(url, settings), queue, queue_of)
    return read_log_list(read_file(Path(source)), queue, queue_of)


def read_file(path: Path) -> bytes:
    """ConfigurationError when it can't be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{path} can't be read: {error.strerror}") from None


def _download(url: str, settings: Settings) -> Any:
    """The JSON at ``url``: bounded in time and size, from public hosts only, redirects refused."""
    check_url(url, settings)
    gate = Gate([Pace(PER_SECOND, PER_SECOND, egress) for egress in settings.proxies])
    http = Http(replace(settings, answer_max_bytes=LIST_MAX_BYTES), gate)
    try:
        return http.get_json(url, {}, time.monotonic() + LIST_SECONDS)
    finally:
        http.close()


def without_refused(found: LogList, settings: Settings) -> LogList:
    """The list without the logs whose addresses must not be asked, each with the reason."""
    refused = {}
    for log in found.logs:
        try:
            check_url(log.url, settings)
        except ConfigurationError as error:
            refused[log.log_id] = str(error)
    return found.without(refused)


def look(store: Store, settings: Settings, source: str, queue: str | None = None) -> Update:
    """What the list at ``source`` (chrome, apple, a url or a file) would change; nothing is changed.

    A known log stays on its queue unless ``queue`` names one for all. CtcollectError in a line when the list can't
    be had, is none, or holds no log that can be collected.
    """
    with store.reading() as session:
        known = known_logs(session)
    listed = read_source(source, settings, queue, {log_id: log.queue for log_id, log in known.items()})
    found = without_refused(listed, settings)
    found = found.without(dict.fromkeys(_not_vouched_for(found.logs, known), NOT_VOUCHED_FOR))
    check_not_empty(found, source)
    list_name = source if source in list_sources() else found.publisher
    with store.reading() as session:
        before = listed_before(session, list_name)
    changes = compare([as_known(log, known) for log in found.logs], known, before, found.log_ids())
    return Update(list_name, found, changes)


def check_not_empty(found: LogList, source: str | Path) -> None:
    """ConfigurationError, with a reason, when no log of a list can be collected."""
    if not found.logs:
        reasons = sorted({skipped.reason for skipped in found.skipped})
        why = f": {reasons[0]}" if reasons else ""
        raise ConfigurationError(f"{source} holds no log that can be collected{why}")


def _not_vouched_for(logs: Iterable[Log], known: Iterable[str]) -> set[str]:
    now = utc_now()
    return {log.log_id for log in logs if rule_of(log, now).collect == "if asked"} - set(known)


def take_over(session: Session, list_name: str, found: LogList, *, is_whole: bool) -> list[str]:
    """Store the logs of a list and return their names; logs that a whole list no longer holds keep their rows."""
    names = put_logs(session, found.logs)
    note_listed(session, list_name, [log.log_id for log in found.logs])
    if is_whole:
        note_vanished(session, list_name, found.log_ids())
    return names

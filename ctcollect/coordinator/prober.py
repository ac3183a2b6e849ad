"""The prober: whether each log can still be reached, asked again with growing pauses while it can't."""

import time
from collections.abc import Iterable, Iterator

from ctcollect.coordinator import planner
from ctcollect.coordinator.context import Context
from ctcollect.errors import CtcollectError
from ctcollect.models import LogRow
from ctcollect.store import logs as log_store
from ctcollect.store.guards import guard

GUARD_SECONDS = 120
# Hosts that are gone take their time to say so: what is due and not asked now comes first the next time.
ROUND_SECONDS = 20.0


def probe(context: Context) -> list[str]:
    """Ask the logs that are due for their heads. Returns what is new, a line each.

    A log that answers is asked again after CTCOLLECT_PROBE_EVERY_SECONDS, one that doesn't when its rest is over.
    """
    with guard(context.store, "probe", GUARD_SECONDS) as is_ours:
        if not is_ours:
            return []
        with context.store.reading() as session:
            logs = log_store.logs_to_probe(session, context.settings.probe_every_seconds)
        return list(filter(None, _round(context, logs)))


def probe_now(context: Context, names: Iterable[str]) -> Iterator[LogRow]:
    """Ask these logs, or all enabled ones without a name, and give each as it is known then."""
    with context.store.reading() as session:
        logs = [log_store.log_named(session, name) for name in names] or log_store.enabled_logs(session)
    for log in logs:
        _probe(context, log)
        with context.store.reading() as session:
            yield log_store.log_named(session, log.name)


def _round(context: Context, logs: Iterable[LogRow]) -> Iterator[str | None]:
    until = time.monotonic() + ROUND_SECONDS
    for log in logs:
        if time.monotonic() >= until:
            return
        yield _probe(context, log)


def _probe(context: Context, log: LogRow) -> str | None:
    try:
        planner.fetch_head(context, log)
    except CtcollectError as error:
        if planner.note_failure(context, log, error):
            return f"{log.name} has not answered for long: it counts as unobtainable until it answers again"
        return None if log.last_fault else f"{log.name}: {error}"
    return f"{log.name} answers again" if log.reachable is False else None

"""The sampler: notes each minute how far the collection is, and what only the coordinator's machine can see."""

import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from ctcollect.catalogue import queues
from ctcollect.coordinator.context import Context
from ctcollect.errors import BrokerUnavailable, StoreUnavailable
from ctcollect.routing import RESULTS
from ctcollect.store import Session, gauges, incidents, progress
from ctcollect.store.database_size import database_bytes, database_folder
from ctcollect.store.gauges import Gauge
from ctcollect.store.guards import guard

GUARD_SECONDS = 60
# A sample that comes so soon after the last one, in shares of the time between two, is one that came late.
TOO_SOON = 0.5


def sample(context: Context) -> bool:
    """Take a sample, and forget some that are too old; False when another has just done so.

    StoreUnavailable when it can't be written, which is told by the next one that can.
    """
    try:
        with guard(context.store, "sample", GUARD_SECONDS) as is_ours:
            return is_ours and _sample(context, int(time.time()))
    except StoreUnavailable as error:
        context.unwritten.note(error)
        raise


def _sample(context: Context, now: int) -> bool:
    with context.store.reading() as session:
        if _is_too_soon(context, session, now):
            return False
        found = dict(_database(session))
    found |= dict(_disk(context)) | dict(_broker(context))
    with context.unwritten.handed_over() as failures, context.store.transaction() as session:
        progress.take_sample(session, now)
        progress.thin_out(session, now)
        gauges.put_gauges(session, found)
        for part, (times, since) in sorted(failures.items()):
            incidents.note_incident(session, incidents.WRITE_FAILED, part, times, since)
    return True


def _is_too_soon(context: Context, session: Session, now: int) -> bool:
    last = progress.last_sampled_at(session)
    return last is not None and 0 <= now - last < TOO_SOON * context.settings.sample_every_seconds


def _broker(context: Context) -> Iterator[tuple[str, Gauge]]:
    """What waits in the broker; nothing when it does not answer."""
    broker, settings = context.broker, context.settings
    with suppress(BrokerUnavailable):
        for queue in queues():
            yield gauges.waiting_in(queue), Gauge(broker.depth(queue))
        yield gauges.WAITING_HARVESTS, Gauge(broker.depth(RESULTS), settings.results_high_water)
        yield gauges.RESULTS_BYTES, Gauge(broker.size_bytes(RESULTS), settings.results_high_water_bytes)
        yield gauges.BROKER_BYTES, Gauge(*broker.memory())


def _disk(context: Context) -> Iterator[tuple[str, Gauge]]:
    """The disk of the leaf files."""
    with suppress(OSError):
        yield gauges.DISK_USED, _used(context.settings.data_dir)


def _database(session: Session) -> Iterator[tuple[str, Gauge]]:
    """The tables, and the disk under them if this machine can see it."""
    if (size_bytes := database_bytes(session)) is not None:
        yield gauges.DATABASE_BYTES, Gauge(size_bytes)
    with suppress(OSError):
        if folder := database_folder(session):
            yield gauges.DATABASE_DISK_USED, _used(folder)


def _used(folder: Path) -> Gauge:
    usage = shutil.disk_usage(folder)
    return Gauge(usage.total - usage.free, usage.total)

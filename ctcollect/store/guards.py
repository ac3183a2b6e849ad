"""Jobs that only one process may do at a time: a lease on a row, which ends by itself if its holder dies."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from threading import Event, Thread
from uuid import uuid4

from sqlalchemy import update

from ctcollect.errors import StoreUnavailable
from ctcollect.models import GuardRow
from ctcollect.store.engine import Store, insert_new, table_of, utc_now

LEASE_SECONDS = 15.0
RENEWALS_A_LEASE = 3


@contextmanager
def guard(store: Store, job: str, seconds: float, lease_seconds: float = LEASE_SECONDS) -> Iterator[bool]:
    """Yields whether the job is ours; then, at the end, it is free again.

    A lease is short, so that a holder who was killed stands in nobody's way for long; while the block runs a thread
    renews it, but not beyond ``seconds``: then a job that hangs is free for others too.
    """
    holder, ended = uuid4().hex, Event()
    is_ours = _take(store, job, holder, min(lease_seconds, seconds))
    arguments = (store, job, holder, lease_seconds, time.monotonic() + seconds, ended)
    renewing = Thread(target=_renew, args=arguments, name=f"guard {job}", daemon=True)
    if is_ours:
        renewing.start()
    try:
        yield is_ours
    finally:
        ended.set()
        if is_ours:
            renewing.join()  # or it would take the job again just after it was given back
            _hold(store, job, holder, 0)


def _take(store: Store, job: str, holder: str, seconds: float) -> bool:
    now = utc_now()
    with store.transaction() as session:
        insert_new(session, table_of(GuardRow), [{"job": job, "holder": "", "until": now}])
        free = (GuardRow.job == job, GuardRow.until <= now)
        values = {"holder": holder, "until": now + timedelta(seconds=seconds)}
        session.execute(update(GuardRow).where(*free).values(**values))
        row = session.get_one(GuardRow, job, populate_existing=True)
        return row.holder == holder


def _renew(store: Store, job: str, holder: str, lease_seconds: float, deadline: float, ended: Event) -> None:
    while not ended.wait(lease_seconds / RENEWALS_A_LEASE) and (left := deadline - time.monotonic()) > 0:
        with suppress(StoreUnavailable):  # the next renewal may come in time
            _hold(store, job, holder, min(lease_seconds, left))


def _hold(store: Store, job: str, holder: str, seconds: float) -> None:
    """Nothing happens when the job is another's by now."""
    ours = (GuardRow.job == job, GuardRow.holder == holder)
    with store.transaction() as session:
        session.execute(update(GuardRow).where(*ours).values(until=utc_now() + timedelta(seconds=seconds)))

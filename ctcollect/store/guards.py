"""Jobs that only one process may do at a time: a lease on a row, which ends by itself if its holder dies."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import uuid4

from sqlalchemy import update

from ctcollect.models import GuardRow
from ctcollect.store.engine import Store, insert_new, table_of, utc_now


@contextmanager
def guard(store: Store, job: str, seconds: float) -> Iterator[bool]:
    """Yields whether the job is ours; then, at the end, it is free again."""
    holder = uuid4().hex
    is_ours = _take(store, job, holder, seconds)
    try:
        yield is_ours
    finally:
        if is_ours:
            with store.transaction() as session:
                ours = (GuardRow.job == job, GuardRow.holder == holder)
                session.execute(update(GuardRow).where(*ours).values(until=utc_now()))


def _take(store: Store, job: str, holder: str, seconds: float) -> bool:
    now = utc_now()
    with store.transaction() as session:
        insert_new(session, table_of(GuardRow), [{"job": job, "holder": "", "until": now}])
        free = (GuardRow.job == job, GuardRow.until <= now)
        values = {"holder": holder, "until": now + timedelta(seconds=seconds)}
        session.execute(update(GuardRow).where(*free).values(**values))
        row = session.get_one(GuardRow, job, populate_existing=True)
        return row.holder == holder

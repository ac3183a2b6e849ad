"""The orders that end with harvests: what they covered is not out any more."""

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from ctcollect.harvest import Harvest
from ctcollect.models import OPEN, LeaseRow
from ctcollect.ranges import Span, UnitBitmap
from ctcollect.store.engine import is_among
from ctcollect.store.harvest_recording import Taken

# (log_id, start, end)
Order = tuple[str, int, int]


def end_orders(session: Session, taken: Sequence[Taken]) -> None:
    """Note which harvests are the last of an order that was out. What such an order still lacks is free at once."""
    last = {_order(each.reading.harvest): each for each in reversed(taken) if each.reading.harvest.last}
    out = last.keys() & _leases(session, last)
    for order in out:
        row = last[order].row
        last[order].ends_order = True
        bitmap = UnitBitmap(Span(row.start_index, row.end_index), row.units_done)
        if row.state == OPEN and bitmap.missing(Span(*order[1:])):
            row.issued_until = None
    if out:
        session.execute(delete(LeaseRow).where(_starts_in(out)))


def _order(harvest: Harvest) -> Order:
    return harvest.log_id, harvest.order_start, harvest.order_end


def _leases(session: Session, orders: Collection[Order]) -> set[Order]:
    """What is out of all that begins where these do."""
    if not orders:
        return set()
    columns = (LeaseRow.log_id, LeaseRow.start_index, LeaseRow.end_index)
    return {(log_id, start, end) for log_id, start, end in session.execute(select(*columns).where(_starts_in(orders)))}


def _starts_in(orders: Iterable[Order]) -> ColumnElement[bool]:
    return is_among((LeaseRow.log_id, LeaseRow.start_index), ((log_id, start) for log_id, start, _ in orders))

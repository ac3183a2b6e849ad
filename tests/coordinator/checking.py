"""Second opinions under way: what of them stands in the tables, and harvests in pieces."""

from dataclasses import replace

from sqlalchemy import select

from ctcollect.harvest import Harvest, Order
from ctcollect.models import SecondOpinionRow
from ctcollect.ranges import UNIT_ENTRIES, Span
from tests.coordinator.friends import (
    Friend,
    avoided,
    first_units,
    present,
    work,
)
from tests.coordinator.pipeline import Pipeline


def checks(pipeline: Pipeline) -> dict[Span, tuple[str, str, str | None]]:
    """Span -> (state, first friend, second friend)."""
    with pipeline.store.reading() as session:
        rows = session.scalars(select(SecondOpinionRow).order_by(SecondOpinionRow.start_index))
        return {Span(r.start_index, r.end_index): (r.state, r.first_friend, r.second_friend) for r in rows}


def collected_by(pipeline: Pipeline, friend: Friend, other: Friend) -> list[Order]:
    """All is brought by ``friend``; what goes out then, for ``other`` to check."""
    work(pipeline, friend)
    present(pipeline, other)
    orders = pipeline.feed()
    assert {order.purpose for order in orders} == {"check"}
    assert avoided(orders, friend) == [order.span for order in orders] == list(checks(pipeline))
    return orders


def in_pieces(harvest: Harvest) -> tuple[Harvest, Harvest]:
    """The harvest's first unit and its rest, as a worker sends them whose answers are large."""
    middle = harvest.start + UNIT_ENTRIES
    rest = replace(
        harvest,
        start=middle,
        unit_roots=harvest.unit_roots[32:],
        entries=tuple(entry for entry in harvest.entries if entry.index >= middle),
    )
    return first_units(harvest, 1, last=False), rest

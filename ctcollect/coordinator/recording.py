"""Harvests that are on their way into the tables, many in one transaction."""

import logging
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ctcollect.coordinator import leaf_files
from ctcollect.coordinator.context import Context
from ctcollect.coordinator.senders import Sender, Standing, standing_of
from ctcollect.errors import DiskUnavailable, StoreUnavailable
from ctcollect.harvest import Harvest
from ctcollect.ranges import Span
from ctcollect.store import Outcome, Reading, Session, faults, ledger
from ctcollect.store import logs as log_store
from ctcollect.store.harvests import Verdict, record_harvests
from ctcollect.store.trust import TRUSTED

logger = logging.getLogger(__name__)

NOT_HERE = "NotHere"
# A friend that is throttled or out of time is no sign that the log is ill.
NO_FAULT_OF_THE_LOG = (
    "",
    "Throttled",
    "OutOfTime",
    "Avoided",
    "Redelivered",
    "LogPaused",
    "ProxyUnavailable",
    NOT_HERE,
)
NO_FAULT_TO_COUNT = tuple(kind for kind in NO_FAULT_OF_THE_LOG if kind != "Throttled")
SUSPECT_TIMES = 10


@dataclass(frozen=True, slots=True)
class Piece:
    """A harvest that was read, and the leaf files of its spans, written but not placed yet."""

    sender: Sender
    reading: Reading
    files: Mapping[Span, leaf_files.LeafFile]


def record_pieces(context: Context, pieces: Sequence[Piece]) -> Sequence[Verdict | Exception]:
    """Record them in one transaction, or each by itself where that fails: one may stand in the way of the others.

    An exception says of a piece why it is not recorded: HarvestRefused, or StoreUnavailable when it should be tried
    again. While disk or database take nothing that is raised for all of them.
    """
    try:
        return _record(context, pieces)
    except DiskUnavailable:
        raise
    except Exception as error:
        if len(pieces) == 1 or (isinstance(error, StoreUnavailable) and not context.store.takes_writes()):
            raise
        logger.info("%d harvests are recorded one by one: %s", len(pieces), error)
        return [_record_alone(context, piece) for piece in pieces]


def _record_alone(context: Context, piece: Piece) -> Verdict | Exception:
    try:
        return _record(context, [piece])[0]
    except Exception as error:
        return error


def _record(context: Context, pieces: Sequence[Piece]) -> list[Verdict]:
    with context.store.transaction() as session:
        standing = standing_of(session, [each.sender for each in pieces])
        allowed = [each for each in pieces if each.sender not in standing.refusals]
        readings = [_with_draw(context, each, standing) for each in allowed]
        verdicts = dict(zip(map(id, allowed), record_harvests(session, readings), strict=True)) if allowed else {}
        new = [each for each in allowed if _is_new(verdicts[id(each)])]
        # Now that the ranges are locked nobody else can have a file of the same name.
        leaf_files.place(file for each in new for file in each.files.values())
        _note_health(session, new)
    return [standing.refusals.get(each.sender) or verdicts[id(each)] for each in pieces]


def _is_new(verdict: Verdict) -> bool:
    return isinstance(verdict, Outcome) and verdict.is_new


def _with_draw(context: Context, piece: Piece, standing: Standing) -> Reading:
    """With the draw whether it is to be checked by another friend; a suspect's harvest ten times as often."""
    share = context.settings.second_opinion_share
    is_trusted = standing.trusts[piece.sender.friend] == TRUSTED
    wanted = random.random() < (share if is_trusted else SUSPECT_TIMES * share)
    return replace(piece.reading, wants_second_opinion=wanted)


def _note_health(session: Session, pieces: Sequence[Piece]) -> None:
    for each in pieces:
        note_fault(session, each.reading.harvest)
        if each.reading.harvest.fault_kind == NOT_HERE:
            ledger.avoid(session, each.reading.harvest.log_id, each.reading.harvest.order_start, each.sender.friend)
    log_store.mark_reachable(
        session, *{each.reading.harvest.log_id for each in pieces if answered(each.reading.harvest)}
    )


def answered(harvest: Harvest) -> bool:
    """Whether the log has given something, and nothing that it is to blame for came after it."""
    return harvest.fault_kind in NO_FAULT_OF_THE_LOG and len(harvest.span) > 0


def note_fault(session: Session, harvest: Harvest) -> None:
    """Count what went wrong with the log, if anything, and let it rest where it is to blame."""
    if harvest.fault_kind not in NO_FAULT_TO_COUNT:
        faults.note(session, harvest.log_id, harvest.fault_kind, harvest.fault)
    if harvest.fault_kind not in NO_FAULT_OF_THE_LOG:
        log_store.rest_log(session, harvest.log_id, harvest.fault, unreachable=harvest.fault_kind == "LogUnavailable")

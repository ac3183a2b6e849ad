"""The recorder: a harvest is hostile input; what passes is stored in one transaction, its leaf file first."""

import logging
from functools import partial

from ctcollect.coordinator import distrust, leaf_files, second_opinion
from ctcollect.coordinator.context import Context
from ctcollect.coordinator.entries import read_entries
from ctcollect.coordinator.harvest_checks import checked, is_garbage, read
from ctcollect.coordinator.recording import Piece, answered, note_fault, record_pieces
from ctcollect.coordinator.senders import Sender, impostors, sender_of, standing_of
from ctcollect.errors import DiskUnavailable, HarvestRefused, StoreUnavailable
from ctcollect.harvest import CHECK, Harvest, friend_of, worker_name
from ctcollect.models import LogRow
from ctcollect.ranges import Span
from ctcollect.store import Outcome, Reading, ledger, refused, second_opinions, utc_now
from ctcollect.store import logs as log_store
from ctcollect.store.harvests import look_up
from ctcollect.store.workers import WorkerSign, note_signs

logger = logging.getLogger(__name__)


def record_from(context: Context, document: object, claimed: object, queue: str) -> bool:
    """Record a harvest that came by ``queue``, as record_or_set_aside(); whether it was worth its way."""
    return _record_or_set_aside(context, document, sender_of(queue, claimed))


def record_or_set_aside(context: Context, document: object, worker: object) -> bool:
    """Record a harvest; one that can't be recorded is set aside and never stands in the way of the others.

    Returns whether it brought anything that was not there before.
    StoreUnavailable says that it should be tried again. A harvest that fails five times while the database
    takes all else is at fault itself.
    """
    return _record_or_set_aside(context, document, Sender(worker_name(worker), True))


def _record_or_set_aside(context: Context, document: object, sender: Sender) -> bool:
    name = sender.worker
    try:
        return _record(context, document, sender).is_new
    except HarvestRefused as error:
        _refuse(context, document, sender, error)
    except DiskUnavailable:
        raise
    except StoreUnavailable as error:
        # In this order: what fails while the database is away does not count.
        if not (context.store.takes_writes() and context.patience.is_over(document, name)):
            raise
        logger.warning("a harvest of %s is set aside: %s", name, error)
        set_aside(context, document, name, str(error))
    except Exception as error:
        logger.exception("a harvest of %s is set aside", name)
        set_aside(context, document, name, f"{type(error).__name__}: {error}")
    return False


def _refuse(context: Context, document: object, sender: Sender, error: HarvestRefused) -> None:
    with context.store.reading() as session:
        lie = impostors(session, [sender]).get(sender)
    if lie is not None:
        logger.warning("a harvest is refused: %s", lie)
        # Nobody is blamed: whoever has sent it, it was not the one whose name it bears.
        set_aside(context, document, "", str(lie))
        return
    logger.warning("a harvest of %s is refused: %s", sender.worker, error)
    set_aside(context, document, sender.worker, str(error))
    if is_garbage(document):
        distrust.blame(context, sender.worker)


def record(context: Context, document: object, worker: str) -> Outcome:
    """Check a harvest and store what of it is new. HarvestRefused when it is not what a worker may send.

    Running it twice with one harvest changes nothing the second time.
    """
    return _record(context, document, Sender(worker_name(worker), True))


def _record(context: Context, document: object, sender: Sender) -> Outcome:
    harvest = checked(document)
    if harvest.purpose == CHECK:
        return Outcome(0, 0, 0, 0, False, is_new=_compare(context, harvest, sender))
    log = context.logs.row(context.store, harvest.log_id)
    # Nearly always all of it is new: to look first would cost as much as to record it.
    spans = [harvest.span] if len(harvest.span) else []
    while (outcome := _store(context, log, harvest, sender, spans)) is None:
        with context.store.reading() as session:
            spans = look_up(session, harvest)
    return outcome


def _compare(context: Context, harvest: Harvest, sender: Sender) -> bool:
    with context.store.reading() as session:
        refusal = standing_of(session, [sender]).refusals.get(sender)
    if refusal is not None:
        raise refusal
    with context.store.transaction() as session:
        look_up(session, harvest)
        log = log_store.row_of(session, harvest.log_id)
        # A friend who only checks is known as well: else nobody could lose trust in him.
        note_signs(session, [WorkerSign(sender.worker, utc_now(), version=harvest.client)])
    if log is None:
        raise HarvestRefused(f"there is no log {harvest.log_id}")
    is_open = second_opinion.compare(context, log, harvest, sender.worker)
    if is_open:
        with context.store.transaction() as session:
            note_fault(session, harvest)
            log_store.mark_reachable(session, *([log.log_id] if answered(harvest) else []))
    return is_open


def _store(context: Context, log: LogRow, harvest: Harvest, sender: Sender, spans: list[Span]) -> Outcome | None:
    """None when these are not the spans of it that are new, or others have changed them meanwhile."""
    found, unreadable = read_entries([each for each in harvest.entries if any(each.index in range(*s) for s in spans)])
    with leaf_files.written(context.settings.data_dir, log, sender.worker, harvest, spans, found) as files:
        names = {span: file.relative for span, file in files.items()}
        reading = Reading(harvest, sender.worker, sender.friend, spans, found, unreadable, names, utc_now())
        return context.groups.do(Piece(sender, reading, files), partial(record_pieces, context))


def set_aside(context: Context, document: object, worker: str, reason: str) -> None:
    """Keep a harvest that can't be recorded, with its reason; its sub-range, if it names one, is issued again."""
    try:
        harvest: Harvest | None = read(document)
    except Exception:  # whatever made it fail before may do so again
        harvest = None
    with context.store.transaction() as session:
        refused.put(session, document, harvest, worker, reason)
        if harvest is None:
            return
        order = (harvest.log_id, Span(harvest.order_start, harvest.order_end))
        if harvest.purpose == CHECK:
            second_opinions.take_back_checks(session, [order])
        else:
            ledger.end_leases(session, [order])
            ledger.avoid(session, harvest.log_id, harvest.order_start, friend_of(worker))

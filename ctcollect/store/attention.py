"""What needs a person's attention now: data for sentences, which the page words in each of its languages."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ctcollect.catalogue import queues
from ctcollect.harvest import friend_of
from ctcollect.models import RefusedHarvestRow, SecondOpinionRow
from ctcollect.store.attention_rules import RULES, Refused, Situation
from ctcollect.store.engine import utc_now
from ctcollect.store.entries import wanted_entries
from ctcollect.store.gauges import all_gauges
from ctcollect.store.incidents import incidents_of
from ctcollect.store.logs import all_logs
from ctcollect.store.progress import last_sampled_at
from ctcollect.store.second_opinions import PENDING
from ctcollect.store.workers import all_workers

INCIDENT_DAYS = 7
REFUSED_SINCE = timedelta(days=1)


def attention(session: Session) -> list[dict[str, Any]]:
    """[{"code", "since", "parameters"}], in the order of RULES; nothing when all is well.

    ``since`` is a UTC time as ISO 8601, None when nobody knows. The parameters of each code stand at its rule.
    """
    found = situation(session)
    return [
        {"code": code, "since": _text(matter.since), "parameters": dict(matter.parameters)}
        for code, rule in RULES.items()
        for matter in rule(found)
    ]


def situation(session: Session) -> Situation:
    """What the rules look at, read once."""
    return Situation(
        now=utc_now(),
        logs=all_logs(session),
        wanted=wanted_entries(session),
        workers=all_workers(session),
        gauges=all_gauges(session),
        incidents=incidents_of(session, INCIDENT_DAYS),
        refused=_refused(session),
        sampled_at=_sampled_at(session),
        are_checks_pending=_are_checks_pending(session),
    )


def _refused(session: Session) -> list[Refused]:
    since = RefusedHarvestRow.received_at > utc_now() - REFUSED_SINCE
    columns = (RefusedHarvestRow.worker, func.count(), func.min(RefusedHarvestRow.received_at))
    rows = session.execute(select(*columns).where(since).group_by(RefusedHarvestRow.worker))
    by_friend: dict[str, Refused] = {}
    for worker, count, first_at in rows:
        friend = friend_of(worker)
        known = by_friend.get(friend, Refused(friend, 0, first_at))
        by_friend[friend] = Refused(friend, known.harvests + count, min(known.first_at, first_at))
    return [by_friend[friend] for friend in sorted(by_friend)]


def _sampled_at(session: Session) -> datetime | None:
    seconds = last_sampled_at(session)
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)


def _are_checks_pending(session: Session) -> bool:
    """One look into the index for each queue and state."""
    opinion = SecondOpinionRow
    wanted = ((opinion.queue == queue, opinion.state == state) for queue in queues() for state in PENDING)
    return any(session.scalar(select(opinion.log_id).where(*where).limit(1)) is not None for where in wanted)


def _text(moment: datetime | None) -> str | None:
    return moment.replace(tzinfo=UTC).isoformat(timespec="seconds") if moment else None

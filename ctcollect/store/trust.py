"""Trust in friends: lost by deliveries that are proven false, and at once by a .jp entry that was kept back.

``trusted``; ``suspect`` (false deliveries twice as often as the others, one is enough where they have none): second
opinions are asked for ten times as often; ``untrusted``: its harvests are refused, what it has done is done again by
others.
"""

import logging
import math
from collections.abc import Iterable, Mapping

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from ctcollect.models import DeliveryRow, WorkerRow

logger = logging.getLogger(__name__)

TRUSTED, SUSPECT, UNTRUSTED = "trusted", "suspect", "untrusted"
FALSE_DELIVERIES = 3
# A friend's share of false deliveries, in shares of the others'.
SUSPECT_ABOVE, UNTRUSTED_ABOVE = 2, 3
# So seldom chance alone brings so many of all false deliveries to one friend.
CHANCE = 0.005


def judge(bad: int, total: int, others_bad: int, others_total: int) -> str:
    """What ``bad`` false deliveries out of ``total`` say, where the other friends have theirs.

    A log that answers falsely makes everybody deliver falsely, and one of them always more often than the others:
    all trust is lost only where chance is no likely reason.
    """
    total = max(bad, total)
    share, others_share = bad / max(1, total), others_bad / max(1, others_total)
    stands_out = share > UNTRUSTED_ABOVE * others_share
    if bad >= FALSE_DELIVERIES and stands_out and chance_of(bad, total, others_bad, others_total) < CHANCE:
        return UNTRUSTED
    return SUSPECT if share > SUSPECT_ABOVE * others_share else TRUSTED


def chance_of(bad: int, total: int, others_bad: int, others_total: int) -> float:
    """How likely ``bad`` or more of all false deliveries fall on the ``total`` of one friend if all deliver alike.

    Fisher's exact test, one-sided: the upper tail of the hypergeometric distribution.
    """
    everything, all_bad = total + others_total, bad + others_bad
    drawn = range(bad, min(all_bad, total) + 1)
    logs = (_log_comb(total, k) + _log_comb(others_total, all_bad - k) for k in drawn if all_bad - k <= others_total)
    return math.fsum(math.exp(each - _log_comb(everything, all_bad)) for each in logs)


def _log_comb(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def trust_of(session: Session, friend: str) -> str:
    """The least trust of the friend's workers."""
    return trusts(session, [friend])[friend]


def trusts(session: Session, friends: Iterable[str]) -> dict[str, str]:
    """The same for each of these friends."""
    found: dict[str, set[str]] = {friend: set() for friend in friends}
    columns = (WorkerRow.friend, WorkerRow.trust)
    for friend, trust in session.execute(select(*columns).where(WorkerRow.friend.in_(list(found))).distinct()):
        found[friend].add(trust)
    return {friend: next((t for t in (UNTRUSTED, SUSPECT) if t in kept), TRUSTED) for friend, kept in found.items()}


def friends_with(session: Session, trusts: Iterable[str]) -> set[str]:
    """The friends of whom some worker has one of these trusts."""
    return set(session.scalars(select(WorkerRow.friend).where(WorkerRow.trust.in_(list(trusts)))))


def set_trust(session: Session, friend: str, trust: str) -> None:
    """For all workers of a friend; trust that is given anew forgets what was false."""
    _write_trust(session, friend, trust)
    if trust == TRUSTED:
        session.execute(update(WorkerRow).where(WorkerRow.friend == friend).values(bad_deliveries=0))


def _write_trust(session: Session, friend: str, trust: str) -> None:
    session.execute(update(WorkerRow).where(WorkerRow.friend == friend).values(trust=trust))


def count_false_deliveries(session: Session, faults: Mapping[str, int]) -> None:
    """So many more for each worker; what that means says reassess(), when all that is known is counted."""
    for worker, count in faults.items():
        false = WorkerRow.bad_deliveries + count
        session.execute(update(WorkerRow).where(WorkerRow.name == worker).values(bad_deliveries=false))


def reassess(session: Session, friends: Iterable[str]) -> list[str]:
    """Give these friends, of whom something was found false just now, the trust that their deliveries deserve.

    Suspicion of others that this lifts, for they fare no worse, ends as well. Returns who has lost the last of his.
    """
    found = set(friends)
    for suspect in sorted(friends_with(session, [SUSPECT]) - found):
        if _deserved(session, suspect) == TRUSTED:
            _change_trust(session, suspect, TRUSTED)
    return [friend for friend in sorted(found) if _has_fallen(session, friend)]


def _has_fallen(session: Session, friend: str) -> bool:
    before = trust_of(session, friend)
    if before == UNTRUSTED:
        return False
    after = _deserved(session, friend)
    if after != before:
        _change_trust(session, friend, after)
    return after == UNTRUSTED


def _deserved(session: Session, friend: str) -> str:
    # Beside those who are out already everybody would look good.
    false = select(func.coalesce(func.sum(WorkerRow.bad_deliveries), 0)).where(WorkerRow.trust != UNTRUSTED)
    bad, others_bad = _sums(session, false, WorkerRow.friend, friend)
    total, others_total = _sums(session, select(func.count()).select_from(DeliveryRow), DeliveryRow.friend, friend)
    return judge(bad, total + bad, others_bad, others_total + others_bad)


def _change_trust(session: Session, friend: str, trust: str) -> None:
    logger.warning("%s is %s now, by what of its deliveries was not what the log holds", friend, trust)
    _write_trust(session, friend, trust)


def _sums(session: Session, statement: Select[int], column: InstrumentedAttribute[str], friend: str) -> tuple[int, int]:
    """(the friend's, the others')."""
    mine, every = session.scalar(statement.where(column == friend)), session.scalar(statement)
    return int(mine or 0), int(every or 0) - int(mine or 0)

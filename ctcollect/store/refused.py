"""Harvests that were set aside, with their reasons."""

from datetime import timedelta

import orjson
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ctcollect.harvest import Harvest
from ctcollect.models import RefusedHarvestRow
from ctcollect.store.engine import utc_now

KEPT_BYTES = 64 * 2**10
KEPT_A_DAY = 100


def put(session: Session, document: object, harvest: Harvest | None, worker: str, reason: str) -> None:
    """Keep the first 64 KiB of a harvest; of one worker no more than a hundred a day, so that none fills the disk."""
    since = utc_now() - timedelta(days=1)
    mine = (RefusedHarvestRow.worker == worker, RefusedHarvestRow.received_at > since)
    if (session.scalar(select(func.count()).select_from(RefusedHarvestRow).where(*mine)) or 0) >= KEPT_A_DAY:
        return
    session.add(
        RefusedHarvestRow(
            received_at=utc_now(),
            worker=worker,
            log_id=harvest.log_id[:64] if harvest else None,
            start_index=harvest.order_start if harvest else None,
            end_index=harvest.order_end if harvest else None,
            reason=reason.encode("utf-8", "replace").decode()[:255],
            body=_body(document),
        )
    )


def _body(document: object) -> bytes:
    try:
        return orjson.dumps(document)[:KEPT_BYTES]
    except (TypeError, ValueError):
        return repr(document).encode("utf-8", "replace")[:KEPT_BYTES]


def count(session: Session) -> int:
    """How many are kept."""
    return session.scalar(select(func.count()).select_from(RefusedHarvestRow)) or 0

"""Plan a period in every log that can hold certificates issued in it, and tell what no log covers."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from ctcollect.coordinator import planner
from ctcollect.coordinator.context import Context
from ctcollect.coordinator.planner import Plan
from ctcollect.errors import BrokerUnavailable, ConfigurationError, CtcollectError, StoreUnavailable
from ctcollect.models import LogRow
from ctcollect.seasons import Period
from ctcollect.store import logs as log_store
from ctcollect.validity import Interval, can_hold


@dataclass
class Shards:
    """The enabled logs whose temporal interval fits ``issued``; ``covering`` fills while they are planned."""

    issued: Period
    logs: list[LogRow]
    covering: list[Interval] = field(default_factory=list)

    def plan(self, context: Context, *, follow: bool | None = None) -> Iterator[Plan | str]:
        """Plan them one after the other: a Plan each, or the line that says why there is none; one stops no other.

        A log covers its interval only if it was there when the period began.
        """
        for log in self.logs:
            try:
                made = planner.plan(context, log.name, str(self.issued), follow=follow)
            except (StoreUnavailable, BrokerUnavailable):
                raise
            except CtcollectError as error:
                yield f"{log.name}: not planned: {error}"
                continue
            if made.found.first_ms is not None and made.found.first_ms <= self.issued.start_ms:
                self.covering.append((log.interval_start, log.interval_end))
            yield made


def shards_of(context: Context, issued: Period) -> Shards:
    """ConfigurationError when no enabled log can hold certificates issued in the period."""
    with context.store.reading() as session:
        logs = log_store.all_logs(session)
    fitting = [log for log in logs if log.enabled and can_hold((log.interval_start, log.interval_end), issued)]
    if not fitting:
        raise ConfigurationError(f"no log that is enabled takes certificates issued in {issued}")
    return Shards(issued, fitting)

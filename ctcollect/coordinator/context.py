"""What the coordinator's jobs share in one process: settings, database, broker, the pace of each host."""

from dataclasses import dataclass, field
from functools import cache
from typing import Any

from ctcollect.broker import Broker
from ctcollect.celery import app
from ctcollect.client import Http, LogReader
from ctcollect.coordinator.group_commit import GroupCommit
from ctcollect.coordinator.known_logs import KnownLogs
from ctcollect.coordinator.senders import Doubts
from ctcollect.coordinator.unwritten import Unwritten
from ctcollect.host_gates import gate_for
from ctcollect.models import LogRow
from ctcollect.pace import Gates
from ctcollect.protocol.static_ct import origin_of
from ctcollect.readers import Place, Shared, open_reader
from ctcollect.settings import Settings, load
from ctcollect.store import Store

# So long a harvest waits at most for others to share a transaction with: what a group costs is hardly more than what
# one costs, and a harvest is half a minute of a friend's work.
GROUP_EVERY_SECONDS = 1.0
TRIES = 5
REMEMBERED = 1000
KEY_CHARACTERS = 64


@dataclass
class Patience:
    """How often each harvest has failed, in this process."""

    _failures: dict[tuple[str, ...], int] = field(default_factory=dict)

    def is_over(self, document: object, worker: str) -> bool:
        """Count a failure; True at the fifth."""
        values = document if isinstance(document, dict) else {}
        key = (worker, *(str(values.get(name))[:KEY_CHARACTERS] for name in ("log_id", "start", "end")))
        failures = self._failures.pop(key, 0) + 1
        if failures >= TRIES:
            return True
        if len(self._failures) >= REMEMBERED:
            self._failures.clear()
        self._failures[key] = failures
        return False


@dataclass(frozen=True)
class Context:
    settings: Settings
    store: Store
    broker: Broker
    gates: Gates = field(default_factory=Gates)
    patience: Patience = field(default_factory=Patience)
    shared: Shared = field(default_factory=Shared)
    unwritten: Unwritten = field(default_factory=Unwritten)
    logs: KnownLogs = field(default_factory=KnownLogs)
    doubts: Doubts = field(default_factory=Doubts)
    groups: GroupCommit[Any, Any] = field(default_factory=GroupCommit)

    def reader(self, log: LogRow, deadline: float = float("inf")) -> LogReader:
        """A reader of a log, at the pace of its host. ConfigurationError for a log that must not be asked."""
        http = Http(self.settings, gate_for(self.gates, log.read_at, log.queue, self.settings))
        place = Place(
            log.kind,
            log.url,
            bytes.fromhex(log.log_id),
            origin=origin_of(log.submission_url or log.url),
            archive=log.archive or "",
            head=(log.tree_size, bytes.fromhex(log.root_hash)) if log.tree_size and log.root_hash else None,
        )
        return open_reader(place, http, deadline, self.shared)


@cache
def context() -> Context:
    """The context of this process, from the environment."""
    settings = load()
    return Context(settings, Store(settings.database_url), Broker(app), groups=GroupCommit(GROUP_EVERY_SECONDS))

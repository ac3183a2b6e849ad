"""One sub-range from a log to a Harvest: every leaf hashed, every .jp entry kept with its proof.

The friend's path. It loads neither SQLAlchemy nor Flask (a test holds that).
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from ctcollect import __version__
from ctcollect.certificate import entry_jp_names, is_plainly_not_jp
from ctcollect.client import Entries, Http, LogReader
from ctcollect.directives import Directives
from ctcollect.domains import may_hold_jp
from ctcollect.errors import (
    Avoided,
    BadAnswer,
    CtcollectError,
    LogPaused,
    LogUnavailable,
    MalformedEntry,
    NotHere,
    NotYet,
    OutOfTime,
    Redelivered,
    Throttled,
)
from ctcollect.harvest import Harvest, HarvestEntry, Order
from ctcollect.host_gates import LOCAL_PER_SECOND, gate_for, host_of
from ctcollect.pace import Gate, Gates
from ctcollect.protocol.merkle import audit_path, leaf_hash, tree_root
from ctcollect.protocol.rfc6962 import is_well_formed, parse_leaf
from ctcollect.protocol.static_ct import TILE_WIDTH
from ctcollect.ranges import UNIT_ENTRIES, Span
from ctcollect.readers import Place, Shared, open_reader
from ctcollect.settings import Settings
from ctcollect.stop import Stop

LARGEST_BATCH = 4096
GOOD_ANSWERS_TO_GROW = 8
GOOD_ANSWERS_TO_DOUBT = 64
FAILURES_IN_A_ROW = 5
FIRST_PAUSE_SECONDS = 0.5


@dataclass
class BatchSize:
    """How many entries of one log to ask for at once, learned from its answers.

    Requests end on multiples of ``entries``, the grid on which logs cut their answers and on which caches
    hold them. ``limit`` is the log's own maximum as far as it is known. One short answer does not tell it: the
    log may only have cut it on its grid, or have had a bad moment. Two in a row of one size do.
    """

    entries: int
    limit: int = LARGEST_BATCH
    is_fixed: bool = False  # a log of tiles has no other answers than tiles
    _short: int = 0  # the size of the last answer when that was shorter than asked
    _good: int = 0

    def next_request(self, position: int, end: int) -> Span:
        # After a short answer off the grid: only a whole batch shows whether the log cuts there again.
        past_grid = 0 if self._short else position % self.entries
        return Span(position, min(position - past_grid + self.entries, end))

    def answered(self, asked: Span, count: int) -> None:
        """Two short answers teach the maximum; a run of full ones lets the batch double, or the maximum be doubted."""
        if self.is_fixed:
            return
        if count < len(asked):
            self._cut(count)
        elif len(asked) > self._short:
            self._full(asked)

    def _cut(self, count: int) -> None:
        self._good = 0
        if count == self._short:
            self.limit = self.entries = count
            self._short = 0
        else:
            self._short = count

    def _full(self, asked: Span) -> None:
        self._short = 0
        if 2 * len(asked) <= self.entries:
            return  # the small rest of a span tells nothing
        self._good += 1
        if self.entries < self.limit and self._good >= GOOD_ANSWERS_TO_GROW:
            self.entries = min(self.entries * 2, self.limit)
            self._good = 0
        elif self._good >= GOOD_ANSWERS_TO_DOUBT:
            self.limit = min(self.limit * 2, LARGEST_BATCH)  # it may have been learned in a bad hour

    def failed(self) -> None:
        """An answer that did not arrive whole may have been too large: ask for half."""
        if not self.is_fixed:
            self.entries = max(1, self.entries // 2)
            self._short = self._good = 0


class Gatherer:
    """Hashes leaves in order, closes units of 32, keeps what is .jp or can't be read."""

    def __init__(self, order: Order) -> None:
        self.order = order
        # Of the unit that is not closed yet: all hashes, and what of it is kept as (index, leaf_input, extra_data).
        self._hashes: list[bytes] = []
        self._kept: deque[tuple[int, bytes, bytes]] = deque()
        self._start_over(order.start)

    def _start_over(self, start: int) -> None:
        self.start = self.closed_end = start
        self.closed_bytes = 0
        self._first_leaf_hash = b""
        self._unit_roots: list[bytes] = []
        self._entries: list[HarvestEntry] = []

    def add(self, answer: Entries) -> None:
        """The next entries of the log, in order."""
        first, leaf_inputs = self.closed_end + len(self._hashes), answer.leaf_inputs
        self._hashes += map(leaf_hash, leaf_inputs)
        suspects = [
            position
            for position, leaf_input in enumerate(leaf_inputs)
            if may_hold_jp(leaf_input) or not is_well_formed(leaf_input)
        ]
        for position in suspects:
            if _is_wanted(leaf_inputs[position]):
                self._kept.append((first + position, leaf_inputs[position], answer.extra_data(position)))
        self._close_units()

    def _close_units(self) -> None:
        hashes, at_end = self._hashes, self.closed_end + len(self._hashes) == self.order.end
        whole = len(hashes) if at_end else len(hashes) - len(hashes) % UNIT_ENTRIES
        for position in range(0, whole, UNIT_ENTRIES):
            self._close_unit(hashes[position : position + UNIT_ENTRIES])
        self._hashes = hashes[whole:]

    def _close_unit(self, hashes: list[bytes]) -> None:
        if not self._unit_roots:
            self._first_leaf_hash = hashes[0]
        self._unit_roots.append(tree_root(hashes))
        start, self.closed_end = self.closed_end, self.closed_end + len(hashes)
        while self._kept and self._kept[0][0] < self.closed_end:
            index, leaf_input, extra_data = self._kept.popleft()
            self._entries.append(HarvestEntry(index, leaf_input, extra_data, audit_path(hashes, index - start)))
            self.closed_bytes += len(leaf_input) + len(extra_data)

    def harvest(self, http: Http, fault: CtcollectError | None = None, last: bool = True) -> Harvest:
        """What the closed units hold; the gatherer goes on behind them. Counters of ``http`` are taken along."""
        harvest = Harvest(
            log_id=self.order.log_id,
            queue=self.order.queue,
            order_start=self.order.start,
            order_end=self.order.end,
            start=self.start,
            end=self.closed_end,
            unit_roots=b"".join(self._unit_roots),
            first_leaf_hash=self._first_leaf_hash,
            entries=tuple(self._entries),
            last=last,
            fault_kind=type(fault).__name__ if fault else "",
            fault=str(fault)[:250] if fault else "",
            requests=http.requests,
            throttled=http.throttled,
            received_bytes=http.received_bytes,
            client=__version__,
            purpose=self.order.purpose,
        )
        http.requests = http.throttled = http.received_bytes = 0
        self._start_over(self.closed_end)
        return harvest


def _is_wanted(leaf_input: bytes) -> bool:
    """True when the entry holds a .jp name, or when nobody here can tell: the coordinator decides then."""
    try:
        return not is_plainly_not_jp(leaf_input) and bool(entry_jp_names(parse_leaf(leaf_input)))
    except MalformedEntry:
        return True


def read_span(
    span: Span, reader: LogReader, batch: BatchSize, deadline: float, sleep: Callable[[float], object] = time.sleep
) -> Iterator[Entries]:
    """The entries of ``span`` in order. OutOfTime when ``deadline`` (monotonic) comes before its end.

    Failures are tried again with growing pauses, up to five in a row; then the last one is raised.
    """
    position, failures = span.start, 0
    while position < span.end:
        if time.monotonic() >= deadline:
            raise OutOfTime(f"the time for {span} is over at {position:,}")
        asked = batch.next_request(position, span.end)
        try:
            answer = reader.entries(*asked)
        except (BadAnswer, LogUnavailable, NotYet, Throttled) as error:
            failures += 1
            sleep(_pause_after(error, failures, batch, deadline))
            continue
        failures = 0
        batch.answered(asked, len(answer.leaf_inputs))
        position += len(answer.leaf_inputs)
        yield answer
        del answer  # megabytes, which must not stay while the next one is fetched


def _pause_after(error: CtcollectError, failures: int, batch: BatchSize, deadline: float) -> float:
    """Seconds until it may be tried again; raises ``error`` when that makes no sense any more."""
    if isinstance(error, Throttled):
        return 0.0  # the host's pace knows when to ask again
    if isinstance(error, (BadAnswer, LogUnavailable)):
        batch.failed()
    pause = FIRST_PAUSE_SECONDS * 2 ** (failures - 1)
    if isinstance(error, NotHere) or failures >= FAILURES_IN_A_ROW or time.monotonic() + pause > deadline:
        raise error
    return pause


@dataclass
class Collector:
    """What the threads of one worker share: a gate a host, learned batch sizes by log, a session a thread.

    When ``stop`` is set every order that is being collected ends at once, with the whole units that it has;
    when ``directives`` are told to pause a log, every order of that log.
    """

    settings: Settings
    stop: Stop = field(default_factory=Stop)
    directives: Directives = field(default_factory=Directives)
    gates: Gates = field(default_factory=Gates)
    shared: Shared = field(default_factory=Shared)
    _hosts: dict[str, frozenset[str]] = field(default_factory=dict)
    _batches: dict[str, BatchSize] = field(default_factory=dict)
    _sessions: threading.local = field(default_factory=threading.local)

    def collect(self, order: Order, friend: str = "", is_redelivered: bool = False) -> Iterator[Harvest]:
        """Harvests that together hold what could be had of the order in time; the last one says so.

        A log that fails, or an order that is not for ``friend``, is no exception here: the harvest says it. Nor is
        one that the broker has delivered before: its first worker may have done it, as only the coordinator knows.
        """
        deadline = time.monotonic() + self.settings.task_seconds
        http = self._http(order)
        gatherer = Gatherer(order)
        fault: CtcollectError | None = None
        try:
            with self.directives.working_on(order.log_id, http.stop):
                self._check_order(order, friend, is_redelivered)
                place = Place(order.kind, order.url, bytes.fromhex(order.log_id), archive=order.archive_url)
                reader = open_reader(place, http, deadline, self.shared)
                for answer in read_span(order.span, reader, self._batch(order), deadline, http.stop.wait):
                    gatherer.add(answer)
                    del answer
                    if gatherer.closed_bytes > self.settings.harvest_max_bytes and gatherer.closed_end < order.end:
                        yield gatherer.harvest(http, last=False)
        except CtcollectError as error:
            fault = self._cause(order, error)
        yield gatherer.harvest(http, fault)

    def _check_order(self, order: Order, friend: str, is_redelivered: bool) -> None:
        """Avoided, Redelivered or LogPaused when nothing of the order is to be read here and now."""
        if friend in order.avoid.split(",") and friend:
            raise Avoided(f"{friend} leaves this to another friend")
        if is_redelivered:
            raise Redelivered(f"{order.name} {order.span} was with another worker before")
        if self.directives.is_paused(order.log_id, order.issued_at):
            raise LogPaused(f"{order.name} is paused")

    def _cause(self, order: Order, error: CtcollectError) -> CtcollectError:
        """Work that a pause of the log has broken off ends because of that, whatever it looked like."""
        if not self.stop.is_set() and self.directives.is_paused(order.log_id, order.issued_at):
            return LogPaused(f"{order.name} is paused")
        return error

    def _batch(self, order: Order) -> BatchSize:
        batch = BatchSize(min(order.batch_entries, LARGEST_BATCH))
        if order.kind != "rfc6962":
            batch = BatchSize(TILE_WIDTH, is_fixed=True)
        return self._batches.setdefault(order.log_id, batch)

    def _http(self, order: Order) -> Http:
        """This thread's session to the order's host; one that a pause has broken off is not used again."""
        host, sessions = host_of(order.read_at), self._sessions.__dict__
        gate = gate_for(self.gates, order.read_at, order.queue, self.settings)
        self._hosts[order.queue] = self._hosts.get(order.queue, frozenset()) | {host}
        gate.keep_to(self.directives.set_share(host, order.share_per_second, order.issued_at))
        if host in sessions and sessions[host].stop.is_set():
            sessions.pop(host).close()
        if host not in sessions:
            sessions[host] = Http(self.settings, gate, self.stop.child())
        http: Http = sessions[host]
        return http

    def keep_to_share(self, host: str, per_second: float, said_at: float) -> None:
        """The coordinator has a new word about a host: it counts for what is being collected too."""
        share = self.directives.set_share(host, per_second, said_at)
        gate = self.gates.known(host)
        if gate is not None:
            gate.keep_to(share)

    def seconds_until_turn(self, queue: str) -> float:
        """How long a request to any host of ``queue`` would have to wait now; 0.0 while none was asked."""
        return max(0.0, min((gate.due() - gate.clock() for gate in self._gates_of(queue)), default=0.0))

    def requests_per_second(self, queue: str) -> float:
        """The pace of all hosts that were asked for ``queue``; 0.0 when none of them has a limit."""
        paces = [pace.per_second for gate in self._gates_of(queue) for pace in gate.paces]
        return sum(per_second for per_second in paces if per_second < LOCAL_PER_SECOND)

    def _gates_of(self, queue: str) -> list[Gate]:
        return [gate for host in self._hosts.get(queue, ()) if (gate := self.gates.known(host))]

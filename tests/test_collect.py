"""From an order to harvests, against a real server: whatever the log does, what comes is true, whole and bounded."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from ctcollect import collect
from ctcollect.certificate import entry_jp_names
from ctcollect.collect import LARGEST_BATCH, BatchSize, Collector
from ctcollect.errors import MalformedEntry, OutOfTime
from ctcollect.harvest import Harvest, Order
from ctcollect.local_log import Faults, LocalLog, LocalLogServer, Rule
from ctcollect.protocol.merkle import leaf_hash, tree_root, verify_inclusion
from ctcollect.protocol.rfc6962 import parse_leaf
from ctcollect.ranges import UNIT_ENTRIES, Span
from ctcollect.settings import Settings

NAME = "demo"
SIZE = 1200


@pytest.fixture(scope="module")
def log() -> LocalLog:
    return LocalLog.generate(NAME, SIZE, 5, jp_share=0.1, near_miss_share=0.2, odd_share=0.1)


@pytest.fixture(scope="module")
def quiet_server(log: LocalLog) -> Iterator[LocalLogServer]:
    """One server for all tests that change no fault of it."""
    with LocalLogServer([log]) as server:
        yield server


@pytest.fixture
def server(log: LocalLog) -> Iterator[LocalLogServer]:
    with LocalLogServer([log], max_entries=50) as server:
        yield server


def collector(**limits: Any) -> Collector:
    return Collector(Settings(allow_local_logs=True, **limits))


def order_for(server: LocalLogServer, start: int = 0, end: int = 256, batch_entries: int = 64) -> Order:
    log_id = server.logs[NAME].log_id_hex
    return Order(log_id, NAME, server.log_url(NAME), "rfc6962", "google", start, end, batch_entries)


def unit_roots(log: LocalLog, span: Span) -> bytes:
    """The roots of the true tree's units in ``span``."""
    hashes = [leaf_hash(entry.leaf_input) for entry in log.entries[span.start : span.end]]
    return b"".join(tree_root(hashes[at : at + UNIT_ENTRIES]) for at in range(0, len(hashes), UNIT_ENTRIES))


def check(log: LocalLog, harvests: list[Harvest], order: Order) -> Span:
    """Every harvest is true and fits to the one before it; the span that they cover."""
    position = order.start
    for harvest in harvests:
        harvest.check()
        assert harvest.start == position
        assert harvest.unit_roots == unit_roots(log, harvest.span)
        check_entries(log, harvest)
        position = harvest.end
    assert [harvest.last for harvest in harvests] == [False] * (len(harvests) - 1) + [True]
    assert bool(harvests[-1].fault) == (position < order.end)
    return Span(order.start, position)


def check_entries(log: LocalLog, harvest: Harvest) -> None:
    """Every .jp entry is there, besides only what can't be read; each is the log's and leads to its unit's root."""
    wanted = {index for index in range(*harvest.span) if log.truth[index].jp_names}
    kept = {entry.index for entry in harvest.entries}
    assert wanted <= kept
    for index in kept - wanted:
        with pytest.raises(MalformedEntry):
            entry_jp_names(parse_leaf(log.entries[index].leaf_input))
    for entry in harvest.entries:
        assert (entry.leaf_input, entry.extra_data) == (
            log.entries[entry.index].leaf_input,
            log.entries[entry.index].extra_data,
        )
        first = entry.index - entry.index % UNIT_ENTRIES
        size = min(UNIT_ENTRIES, harvest.end - first)
        verify_inclusion(
            leaf_hash(entry.leaf_input), entry.index - first, size, entry.proof, harvest.unit_root(entry.index)
        )


def test_a_whole_sub_range(log: LocalLog, quiet_server: LocalLogServer) -> None:
    """One harvest, no fault, its counters those of the server, .jp entries and unreadable ones in it."""
    order = order_for(quiet_server, 0, SIZE, 256)
    before = quiet_server.stats()["requests"]
    [harvest] = collector().collect(order)
    assert check(log, [harvest], order) == order.span
    assert harvest.first_leaf_hash == leaf_hash(log.entries[0].leaf_input)
    assert harvest.requests == quiet_server.stats()["requests"] - before == 5
    assert harvest.throttled == 0
    assert harvest.received_bytes > sum(len(entry.leaf_input) for entry in log.entries)
    assert len(harvest.entries) > sum(bool(truth.jp_names) for truth in log.truth) > 100


@hypothesis_settings(max_examples=60, deadline=None)
@given(
    unit=st.integers(0, SIZE // UNIT_ENTRIES),
    units=st.integers(1, 16),
    max_entries=st.sampled_from([7, 30, 31, 32, 255, 256, 1000]),
    align=st.booleans(),
    batch_entries=st.sampled_from([1, 30, 32, 50, 256, 1024, 10**9]),
)
def test_any_limit_gives_every_entry_once(
    log: LocalLog,
    quiet_server: LocalLogServer,
    unit: int,
    units: int,
    max_entries: int,
    align: bool,
    batch_entries: int,
) -> None:
    """Odd limits and guesses, on a grid or not: all units, the short last one too, in a bounded number of requests."""
    quiet_server.max_entries = {NAME: max_entries}
    quiet_server.align = align
    start = unit * UNIT_ENTRIES
    order = order_for(quiet_server, start, min(start + units * UNIT_ENTRIES, SIZE), batch_entries)
    harvests = list(collector().collect(order))
    quiet_server.max_entries, quiet_server.align = {NAME: 256}, True
    assert check(log, harvests, order) == order.span
    needed = len(order.span) // min(max_entries, batch_entries)
    assert sum(harvest.requests for harvest in harvests) <= needed + 3


FAULTS_THAT_PASS = [
    Rule("short", next=100, probability=1.0),
    Rule("short", next=3, entries=1),
    Rule("throttle", next=1),
    Rule("throttle", next=1, retry_after=1),
    Rule("throttle", next=1, retry_after=1, retry_as_date=True),
    Rule("unavailable", next=1, retry_after=1),
    Rule("reset", next=2),
    Rule("cut", next=1),
    Rule("html", next=1),
    Rule("zero", next=1),
    Rule("too_many", next=1, entries=100),
    Rule("slow", next=1, seconds=0.5),
]


@pytest.mark.parametrize("rule", FAULTS_THAT_PASS, ids=lambda rule: f"{rule.kind}-{rule.retry_after}-{rule.entries}")
def test_a_fault_that_passes_costs_nothing(log: LocalLog, server: LocalLogServer, rule: Rule) -> None:
    """After a bad moment of the log the harvest is whole and true; the log was not asked again at once."""
    server.faults = Faults(rule)
    order = order_for(server)
    started_at = time.monotonic()
    harvests = list(collector(read_timeout_seconds=0.3, task_seconds=20).collect(order))
    assert check(log, harvests, order) == order.span
    assert harvests[-1].throttled == (rule.kind in ("throttle", "unavailable"))
    if rule.kind != "short":
        assert time.monotonic() - started_at >= 0.5


FAULTS_THAT_LAST = [
    (Rule("throttle", 1.0), "OutOfTime"),
    (Rule("unavailable", 1.0, retry_after=30), "OutOfTime"),
    (Rule("reset", 1.0), "LogUnavailable"),
    (Rule("slow", 1.0, seconds=1.0), "LogUnavailable"),
    (Rule("cut", 1.0), "BadAnswer"),
    (Rule("html", 1.0), "BadAnswer"),
    (Rule("zero", 1.0), "BadAnswer"),
    (Rule("too_many", 1.0, entries=100), "BadAnswer"),
    (Rule("lag", 1.0, entries=SIZE - 150), "NotYet"),
]


@pytest.mark.parametrize(("rule", "fault_kind"), FAULTS_THAT_LAST, ids=lambda each: getattr(each, "kind", None))
def test_a_fault_that_lasts_ends_the_harvest_on_a_unit(
    log: LocalLog, server: LocalLogServer, rule: Rule, fault_kind: str
) -> None:
    """What was read before is handed in, cut to whole units, with the kind of fault; the log is left alone."""
    order = order_for(server)
    harvests = collector(read_timeout_seconds=0.3, task_seconds=1.2, harvest_max_bytes=0).collect(order)
    got = [next(harvests), next(harvests)]
    server.faults = Faults(rule)
    got += harvests
    span = check(log, got, order)
    assert span.end == (128 if rule.kind == "lag" else 96)
    assert got[-1].fault_kind == fault_kind
    assert server.stats()["requests"] <= 7


def test_a_log_that_fails_five_times_is_left_alone(server: LocalLogServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """However much time is left, the fifth failure in a row ends the harvest."""
    monkeypatch.setattr(collect, "FIRST_PAUSE_SECONDS", 0.01)
    server.faults = Faults(Rule("html", 1.0))
    [harvest] = collector().collect(order_for(server))
    assert (harvest.fault_kind, len(harvest.span), harvest.requests) == ("BadAnswer", 0, 5)


def test_what_is_no_leaf_is_kept() -> None:
    """Bytes that follow no format are sent in with their proof, whatever they hold: the coordinator decides."""
    good = LocalLog.generate(NAME, 40, 1, jp_share=0.0, odd_share=0.0).entries
    pairs = [(entry.leaf_input, entry.extra_data) for entry in good]
    pairs[3] = (good[3].leaf_input[:-1], b"")
    pairs[33] = (b"\0\1" + good[33].leaf_input[2:], b"extra")
    log = LocalLog.from_entries(NAME, pairs, 1)
    with LocalLogServer([log]) as server:
        [harvest] = collector().collect(order_for(server, 0, 40))
    assert harvest.unit_roots == unit_roots(log, Span(0, 40))
    assert [(entry.index, entry.extra_data) for entry in harvest.entries] == [(3, b""), (33, b"extra")]


def test_a_harvest_is_cut_at_its_deadline(log: LocalLog, server: LocalLogServer) -> None:
    """A slow log does not keep a task: at its time it hands in whole units, and says that time was short."""
    server.faults = Faults(Rule("slow", 1.0, seconds=0.15))
    order = order_for(server, 0, SIZE)
    started_at = time.monotonic()
    harvests = list(collector(task_seconds=0.8).collect(order))
    assert time.monotonic() - started_at < 1.5
    span = check(log, harvests, order)
    assert 0 < span.end < SIZE
    assert harvests[-1].fault_kind == OutOfTime.__name__


def test_large_harvests_come_in_pieces(log: LocalLog, server: LocalLogServer) -> None:
    """Pieces join without a gap; together they hold what one harvest holds, and each counts its own requests."""
    order = order_for(server, 32, SIZE)
    [whole] = collector().collect(order)
    pieces = list(collector(harvest_max_bytes=20_000).collect(order))
    assert check(log, pieces, order) == order.span
    assert len(pieces) > 5
    assert all(len(piece.span) > 0 for piece in pieces)
    assert [entry for piece in pieces for entry in piece.entries] == list(whole.entries)
    assert b"".join(piece.unit_roots for piece in pieces) == whole.unit_roots
    assert sum(piece.requests for piece in pieces) == whole.requests


def test_a_redelivered_order_is_handed_back(server: LocalLogServer) -> None:
    """Its first worker may have sent most of it: nothing is read, and the coordinator issues what is missing."""
    [harvest] = collector().collect(order_for(server), is_redelivered=True)
    assert (len(harvest.span), harvest.last, harvest.fault_kind) == (0, True, "Redelivered")
    assert server.stats()["requests"] == 0


def test_throttling_never_becomes_a_hot_loop(server: LocalLogServer) -> None:
    """Four threads that are told 429 for two seconds, without Retry-After, ask a handful of times together."""
    server.faults = Faults(Rule("throttle", 1.0))
    shared = collector(task_seconds=2.0)
    threads = [threading.Thread(target=lambda: list(shared.collect(order_for(server)))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 2 <= server.stats()["requests"] <= 8


def test_a_rate_limit_is_met_without_losing_entries(log: LocalLog, server: LocalLogServer) -> None:
    """Against a log that allows ten requests a second the harvest becomes whole, with few refusals."""
    server.faults = Faults(Rule("rate_limit", per_second=10.0))
    order = order_for(server, 0, 1024)
    harvests = list(collector(task_seconds=30).collect(order))
    assert check(log, harvests, order) == order.span
    assert 1 <= harvests[-1].throttled <= 5


def test_what_is_learned_of_a_log_stays(server: LocalLogServer) -> None:
    """The second order of a log asks at once in the size that the first has learned."""
    shared = collector()
    requests = [
        harvest.requests
        for start in (0, 600 - 600 % UNIT_ENTRIES)
        for harvest in shared.collect(order_for(server, start, start + 320, batch_entries=1024))
    ]
    assert requests[1] <= 8


def requests_to(log_limit: int, align: bool, batch: BatchSize, spans: list[Span]) -> int:
    """How many requests a log of this limit needs for the spans, with ``batch`` learning from its answers."""
    count = 0
    for span in spans:
        position = span.start
        while position < span.end:
            asked = batch.next_request(position, span.end)
            assert position == asked.start < asked.end <= span.end
            got = min(len(asked), log_limit)
            if align and len(asked) >= log_limit:
                got -= (position + got) % log_limit
            batch.answered(asked, got)
            position += got
            count += 1
    return count


@pytest.mark.parametrize("align", [True, False])
@pytest.mark.parametrize(("guess", "log_limit"), [(1024, 32), (32, 1000), (1000, 1024), (256, 255), (64, 64), (1, 256)])
def test_the_size_of_answers_is_learned(guess: int, log_limit: int, align: bool) -> None:
    """From any first guess the batch comes to the log's own size; then nearly every request brings a full answer."""
    batch = BatchSize(guess)
    requests_to(log_limit, align, batch, [Span(0, 32_768)])
    assert batch.limit % log_limit == 0 or batch.limit == LARGEST_BATCH
    used = requests_to(
        log_limit, align, batch, [Span(start, start + 32_768) for start in range(32_768, 262_144, 32_768)]
    )
    assert used <= 1.1 * 229_376 / log_limit


@hypothesis_settings(max_examples=80)
@given(st.integers(1, 1500), st.booleans(), st.integers(1, 4096), st.integers(5, 12))
@example(1000, True, 1024, 10)
def test_requests_are_bounded_for_any_limit(log_limit: int, align: bool, guess: int, level: int) -> None:
    """Sub-ranges of any size: never more than twice the requests that the log's limit makes necessary, and a few."""
    size = 1 << level
    spans = [Span(start, start + size) for start in range(0, 8 * size, size)]
    needed = 8 * -(-size // min(log_limit, guess, size))
    assert requests_to(log_limit, align, BatchSize(guess), spans) <= 2 * needed + 8


def test_a_bad_hour_is_forgotten() -> None:
    """A size that was learned from a log in trouble is doubted in time, and the log's own size found again."""
    batch = BatchSize(256)
    requests_to(5, False, batch, [Span(0, 64)])
    assert batch.entries == batch.limit == 5
    requests_to(256, True, batch, [Span(0, 65_536)])
    assert requests_to(256, True, batch, [Span(65_536, 98_304)]) <= 1.1 * 128


def test_failures_halve_the_batch_and_successes_bring_it_back() -> None:
    """An answer that may be too large to arrive is asked for in halves, down to one entry."""
    batch = BatchSize(256)
    for _ in range(20):
        batch.failed()
    assert batch.next_request(10, 100) == Span(10, 11)
    requests_to(256, True, batch, [Span(0, 16_384)])
    assert batch.entries >= 256

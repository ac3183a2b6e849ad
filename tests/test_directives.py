"""What the coordinator tells a worker: the newest word counts, and no word can do harm."""

from collections.abc import Iterator

import pytest

from ctcollect import control
from ctcollect.collect import Collector
from ctcollect.directives import MOST_REMEMBERED, Directives
from ctcollect.harvest import Harvest, Order
from ctcollect.local_log import LocalLog, LocalLogServer
from ctcollect.settings import Settings
from ctcollect.stop import Stop

LOG, HOST, ENTRIES = "ab" * 32, "ct.example.com", 256


@pytest.fixture(scope="module")
def server() -> Iterator[LocalLogServer]:
    with LocalLogServer([LocalLog.generate("demo", ENTRIES, 3)], max_entries=32) as server:
        yield server


def order(server: LocalLogServer, issued_at: float, share_per_second: float = 0.0) -> Order:
    log_id, url = server.logs["demo"].log_id_hex, server.log_url("demo")
    said = {"share_per_second": share_per_second, "issued_at": issued_at}
    return Order(log_id, "demo", url, "rfc6962", "google", 0, ENTRIES, 32, **said)  # type: ignore[arg-type]


def outcome(harvests: Iterator[Harvest]) -> tuple[int, str]:
    (harvest,) = harvests
    return len(harvest.span), harvest.fault_kind


def test_the_newest_word_about_a_share_counts() -> None:
    """An order that was issued before a command does not undo it; one that was issued later does."""
    directives = Directives()
    assert directives.set_share(HOST, 9.0, 100.0) == 9.0
    assert directives.set_share(HOST, 1.0, 200.0) == 1.0
    assert directives.set_share(HOST, 9.0, 150.0) == 1.0
    assert directives.set_share(HOST, 5.0, 250.0) == 5.0
    assert directives.set_share("other", 7.0, 0.0) == 7.0


def test_a_pause_holds_for_orders_from_before(server: LocalLogServer) -> None:
    """They come back unread; one from after it is read, though nobody said resume; resume frees the older ones."""
    collector = Collector(Settings(allow_local_logs=True))
    log_id = server.logs["demo"].log_id_hex
    collector.directives.pause(log_id, 100.0)
    before = server.stats()["requests"]
    assert outcome(collector.collect(order(server, 99.0))) == (0, "LogPaused")
    assert server.stats()["requests"] == before
    assert outcome(collector.collect(order(server, 101.0))) == (ENTRIES, "")
    collector.directives.resume(log_id, 99.0)
    assert outcome(collector.collect(order(server, 100.0))) == (0, "LogPaused")
    collector.directives.resume(log_id, 102.0)
    assert outcome(collector.collect(order(server, 99.0))) == (ENTRIES, "")


def test_work_that_a_pause_breaks_off_goes_on_later(server: LocalLogServer) -> None:
    """The same thread reads the log again with another session."""
    collector = Collector(Settings(allow_local_logs=True, harvest_max_bytes=1))
    log_id = server.logs["demo"].log_id_hex
    harvests = collector.collect(order(server, 1.0))
    assert not next(harvests).last
    collector.directives.pause(log_id, 2.0)
    *_, last = harvests
    assert (last.last, last.fault_kind) == (True, "LogPaused")
    collector.directives.resume(log_id, 3.0)
    assert [each.fault_kind for each in collector.collect(order(server, 1.0))][-1] == ""


def test_only_the_work_on_that_log_is_broken_off() -> None:
    """And only while it is under way."""
    directives, stops = Directives(), [Stop(), Stop(), Stop()]
    with directives.working_on(LOG, stops[0]), directives.working_on("other", stops[1]):
        with directives.working_on(LOG, stops[2]):
            pass
        directives.pause(LOG, 1.0)
    assert [stop.is_set() for stop in stops] == [True, False, False]


def test_a_share_binds_what_is_being_collected(server: LocalLogServer) -> None:
    """By order or by command: the host's pace keeps to it, below the worker's own ceiling and never above."""
    collector = Collector(Settings(allow_local_logs=True, pace_ceiling_per_second=50.0))
    host = server.url.removeprefix("http://").rstrip("/")
    assert outcome(collector.collect(order(server, 1.0, 20.0))) == (ENTRIES, "")
    gate = collector.gates.known(host)
    assert gate is not None
    control.obey(collector)
    for per_second, ceiling in [(5.0, 5.0), (500.0, 50.0), (0, 50.0)]:
        assert "ok" in control.set_pace(None, host, per_second, 2.0)
        assert gate.paces[0].ceiling_per_second == ceiling


@pytest.mark.parametrize("word", [None, -1.0, float("nan"), float("inf"), "5", [], 1e300])
def test_strange_commands_are_refused(word: object) -> None:
    """Whoever speaks: one line back, and nothing has changed."""
    collector = control.obey(Collector(Settings()))
    before = repr(collector.directives)
    assert "error" in control.set_pace(None, HOST, word, 1.0)
    assert "error" in control.set_pace(None, "x" * 1000, 1.0, 1.0)
    for command in (control.pause_log, control.resume_log):
        assert "error" in command(None, word, 1.0) if word != "5" else True
        assert "error" in command(None, LOG, "soon")
        assert "error" in command(None, LOG, float("nan"))
    assert repr(collector.directives) == before


def test_not_everything_is_remembered() -> None:
    """A thousand hosts and a thousand logs; the oldest make room."""
    directives = Directives()
    for number in range(MOST_REMEMBERED + 5):
        directives.set_share(f"host{number}", 1.0, 1.0)
        directives.pause(f"{number}", 1.0)
    assert not directives.is_paused("4", 0.0)
    assert directives.is_paused("5", 0.0)
    assert directives.set_share("host4", 3.0, 0.0) == 3.0

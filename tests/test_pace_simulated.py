"""How near the pace comes to a log's limit: against simulated logs, and once against a real one."""

import threading
import time

import pytest

from benchmarks.pace_simulation import Log, Simulation, outcome
from ctcollect.collect import Collector
from ctcollect.harvest import Order
from ctcollect.local_log import Faults, LocalLog, LocalLogServer, Rule
from ctcollect.settings import Settings

MINUTE = 60.0
LIMIT_PER_SECOND = 20.0
ENTRIES, ANSWER_ENTRIES = 8192, 4
SETTLE_SECONDS, SECONDS = 3.0, 6.0


@pytest.mark.parametrize(
    ("limit", "retry_after", "workers"),
    [(0.2, False, 1), (0.2, True, 1), (1.0, False, 1), (1.0, True, 1), (10.0, False, 1), (10.0, True, 2)],
)
def test_the_pace_settles_just_under_a_limit(limit: float, retry_after: bool, workers: int) -> None:
    """Within five minutes, from above or below: at least 85 % of it is used and at most 3 % refused, also by two."""
    log = Log(limit, retry_after)
    Simulation(log, 0.5, workers, seed=1).run(10 * MINUTE)
    reached, refused = outcome(log, 5 * MINUTE, 10 * MINUTE)
    assert reached >= 0.85
    assert refused <= 0.03


@pytest.mark.parametrize("limit", [0.2, 1.0, 10.0])
def test_a_limit_that_changes_is_found(limit: float) -> None:
    """Raised to four times as much it is used within five minutes; lowered again it is kept to after three."""
    log = Log(limit, retry_after=False)
    simulation = Simulation(log, 0.5, 1, seed=2)
    simulation.run(10 * MINUTE)
    log.per_second *= 4
    simulation.run(17 * MINUTE)
    assert outcome(log, 15 * MINUTE, 17 * MINUTE).reached >= 0.85
    log.per_second /= 4
    simulation.run(25 * MINUTE)
    reached, refused = outcome(log, 20 * MINUTE, 25 * MINUTE)
    assert reached >= 0.8
    assert refused <= 0.06  # three of fifty: fewer can't be told apart


def test_two_share_what_one_address_gets() -> None:
    """Neither is starved: each has at least a quarter in the long run."""
    log = Log(10.0, retry_after=False)
    simulation = Simulation(log, 0.5, 2, seed=3)
    simulation.run(10 * MINUTE)
    paces = [worker.pace.per_second for worker in simulation.workers]
    assert min(paces) > sum(paces) / 4


def test_a_real_log_with_a_limit_is_read_just_under_it() -> None:
    """Four threads whose pace begins at 100,000 a second: the log's limit is found in seconds, and kept to."""
    log = LocalLog.generate("demo", ENTRIES, 3)
    limit = Rule("rate_limit", per_second=LIMIT_PER_SECOND, retry_after=1)
    with LocalLogServer([log], max_entries=ANSWER_ENTRIES, faults=Faults(limit)) as server:
        collector = Collector(Settings(allow_local_logs=True, task_seconds=SETTLE_SECONDS + SECONDS + 1))

        def collect(start: int) -> None:
            url = server.log_url("demo")
            list(collector.collect(Order(log.log_id_hex, "demo", url, "rfc6962", "google", start, start + 2048, 4)))

        threads = [threading.Thread(target=collect, args=(start,)) for start in range(0, ENTRIES, 2048)]
        for thread in threads:
            thread.start()
        time.sleep(SETTLE_SECONDS)
        before = server.stats()
        time.sleep(SECONDS)
        after = server.stats()
        for thread in threads:
            thread.join()
    answers = (after["entries"] - before["entries"]) / ANSWER_ENTRIES
    assert answers >= 0.8 * LIMIT_PER_SECOND * SECONDS
    assert after["requests"] - before["requests"] <= 1.06 * answers

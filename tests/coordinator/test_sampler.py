"""What beat has noted every minute, and what of it is still known when something could not be written."""

import time
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any, cast

import pytest
from kombu.connection import Connection

from ctcollect.broker import Broker
from ctcollect.catalogue import queues
from ctcollect.celery import app
from ctcollect.coordinator import planner, sampler
from ctcollect.coordinator.clocks import Clocks
from ctcollect.coordinator.presence import Signs
from ctcollect.coordinator.unwritten import Unwritten
from ctcollect.errors import BrokerUnavailable, DiskUnavailable, StoreUnavailable
from ctcollect.local_log import Faults, LocalLog, Rule
from ctcollect.store import utc_now
from ctcollect.store.attention import attention
from ctcollect.store.gauges import Gauge, all_gauges
from ctcollect.store.history import history
from ctcollect.store.progress import counters_at
from ctcollect.store.status import status_document
from tests.coordinator.conftest import ENTRIES, SEED, OpenPipeline, on_sqlite
from tests.coordinator.pipeline import ListBroker, Pipeline

NAME = "demo-google"


@pytest.fixture
def pipeline(pipeline: Pipeline) -> Pipeline:
    """Every sample counts, however soon it comes."""
    settings = replace(pipeline.context.settings, sample_every_seconds=0)
    pipeline.context = replace(pipeline.context, settings=settings)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    return pipeline


def gauges(pipeline: Pipeline) -> dict[str, Gauge]:
    with pipeline.store.reading() as session:
        return all_gauges(session)


def told(pipeline: Pipeline) -> dict[str, Any]:
    """The parameters of what needs attention, by code."""
    with pipeline.store.reading() as session:
        return {each["code"]: each["parameters"] for each in attention(session)}


def test_a_sample_holds_what_was_recorded(pipeline: Pipeline) -> None:
    """The counters of the log, its requests among them; what waits in the broker; what disks and tables hold."""
    pipeline.collect_all()
    pipeline.audit()
    pipeline.broker.results, pipeline.broker.results_bytes = 7, 4_000
    assert sampler.sample(pipeline.context)
    log = pipeline.log(NAME)
    with pipeline.store.reading() as session:
        sampled = counters_at(session, int(time.time()))[log.log_id]
    assert (sampled.entries_done, sampled.entries_verified, sampled.sightings) == (ENTRIES, ENTRIES, log.sightings)
    assert sampled.registered == log.certificates > 0
    assert sampled.requests == log.requests > 0
    found = gauges(pipeline)
    settings = pipeline.context.settings
    assert (found["queue.results"].value, found["queue.results"].maximum) == (7, settings.results_high_water)
    assert (found["results_bytes"].value, found["broker_bytes"].value) == (4_000, 2**20)
    assert {f"queue.{queue}" for queue in queues()} <= found.keys()
    assert found["database_bytes"].value > 2**16
    assert 0 < found["disk_used_bytes"].share < 1
    assert 0 < found["database_disk_used_bytes"].share < 1


@on_sqlite
def test_only_one_sample_a_minute_is_taken(pipeline: Pipeline) -> None:
    """Beat's task may come twice, or late and then in time."""
    settings = replace(pipeline.context.settings, sample_every_seconds=60)
    context = replace(pipeline.context, settings=settings)
    assert [sampler.sample(context) for _ in range(2)] == [True, False]
    with pipeline.store.reading() as session:
        assert history(session, "1h")["entries_per_second"] == [None] * 60


@dataclass
class SilentBroker(ListBroker):
    """Redis is away."""

    def depth(self, queue: str) -> int:
        raise BrokerUnavailable("the broker does not answer")


@on_sqlite
def test_a_broker_that_is_away_hides_only_what_waits_there(pipeline: Pipeline) -> None:
    """The rest is sampled; the last known depth stays, with its time."""
    sampler.sample(pipeline.context)
    before = gauges(pipeline)
    time.sleep(1)
    assert sampler.sample(replace(pipeline.context, broker=cast(Broker, SilentBroker())))
    after = gauges(pipeline)
    assert after["queue.google"] == before["queue.google"]
    assert cast(Any, after["disk_used_bytes"].sampled_at) > before["disk_used_bytes"].sampled_at


@on_sqlite
def test_what_could_not_be_written_is_told_afterwards(pipeline: Pipeline) -> None:
    """Failures of the database and of the disk are counted until a sample can be written; then they are forgotten."""
    unwritten = pipeline.context.unwritten
    for error in (StoreUnavailable("full"), DiskUnavailable("full"), StoreUnavailable("full")):
        unwritten.note(error)
    assert "write_failed" not in told(pipeline)
    sampler.sample(pipeline.context)
    with pipeline.store.reading() as session:
        found = [each["parameters"] for each in attention(session) if each["code"] == "write_failed"]
    assert {(each["part"], each["times"]) for each in found} == {("database", 2), ("disk", 1)}
    with unwritten.handed_over() as failures:
        assert failures == {}


@on_sqlite
def test_a_sample_that_can_not_be_written_counts_as_well(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said as a fault, and nothing that was noted before it is lost."""
    pipeline.context.unwritten.note(DiskUnavailable("full"))
    with pipeline.store.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE gauges RENAME TO away")
    with pytest.raises(StoreUnavailable):
        sampler.sample(pipeline.context)
    with pipeline.context.unwritten.handed_over() as failures:
        assert {part: times for part, (times, _) in failures.items()} == {"disk": 1, "database": 1}


def fail_to_write(unwritten: Unwritten) -> None:
    with unwritten.handed_over():
        unwritten.note(StoreUnavailable("away"))
        raise StoreUnavailable("away")


def test_failures_are_kept_when_handing_them_over_fails() -> None:
    """With those that were noted meanwhile, and the earliest time."""
    unwritten = Unwritten()
    unwritten.note(StoreUnavailable("away"))
    before = utc_now()
    with pytest.raises(StoreUnavailable):
        fail_to_write(unwritten)
    with unwritten.handed_over() as failures:
        times, since = failures["database"]
    assert times == 2
    assert since <= before


@on_sqlite
def test_a_failed_audit_needs_attention(pipeline: Pipeline, log: LocalLog) -> None:
    """How often, by log; the counters of what is open follow."""
    index = next(i for i, truth in enumerate(log.truth) if truth.jp_names)
    pipeline.server.faults = Faults(Rule("alter", next=1, index=index))
    pipeline.collect_all()
    assert pipeline.status()["totals"]["open_ranges"] == 0
    assert pipeline.audit() == 0
    assert (told(pipeline)["audit_failed"]["log"], told(pipeline)["audit_failed"]["times"]) == (NAME, 1)
    assert pipeline.status()["totals"]["open_ranges"] == pipeline.states()["open"] == 1


@on_sqlite
@pytest.mark.parametrize(("fault", "code"), [("lag", "head_stepped_back"), ("bad_signature", "head_refused")])
def test_a_head_that_is_not_right_needs_attention(pipeline: Pipeline, fault: str, code: str) -> None:
    """It steps back, or nobody can have signed it; it is still told when the next one is right again."""
    pipeline.server.faults = Faults(Rule(fault, probability=1.0, entries=100))
    planner.refresh_heads(pipeline.context)
    pipeline.server.faults = Faults()
    planner.refresh_heads(pipeline.context)
    assert told(pipeline)[code]["log"] == NAME


@on_sqlite
def test_open_ranges_are_counted_as_they_stand(open_fleet: OpenPipeline) -> None:
    """When planned, when planned again, when full, and when the tree has grown behind a verified end."""
    growing = LocalLog.generate(NAME, 200, SEED, published=100)
    pipeline = open_fleet(growing)
    counts = []

    def note() -> None:
        counts.append((pipeline.status()["totals"]["open_ranges"], pipeline.states().get("open", 0)))

    for step in (pipeline.plan, pipeline.plan, pipeline.collect_all, pipeline.audit, pipeline.plan):
        step()
        note()
    growing.publish(200)
    pipeline.plan()
    note()
    assert counts == [(1, 1), (1, 1), (0, 0), (0, 0), (0, 0), (1, 1)]


@on_sqlite
def test_a_workers_figures_are_those_of_its_contributions(pipeline: Pipeline) -> None:
    """Each worker's sums, though nobody adds them up any more."""
    orders = pipeline.feed()
    pipeline.record(pipeline.collect(orders[:1]), worker="alice@here")
    pipeline.record(pipeline.collect(orders[1:]), worker="bob@there")
    with pipeline.store.reading() as session:
        workers = {each["name"]: each["entries"] for each in status_document(session)["workers"]}
    assert workers == {"alice@here": len(orders[0].span), "bob@there": ENTRIES - len(orders[0].span)}


HOURS_EAST = 9


@pytest.mark.parametrize("sent_ahead", [0.0, 90.0, -3_700.0])
@pytest.mark.parametrize("zone", [0, HOURS_EAST])
def test_a_clock_is_told_by_what_its_events_say(sent_ahead: float, zone: int) -> None:
    """Through Celery's own receiver, which mistakes another time zone for another clock; a late event says less."""
    receiver = app.events.Receiver(Connection("memory://"), handlers={})
    clocks = Clocks()
    for late in (0.5, 40.0, 1.5):
        sent_at = time.time() + sent_ahead - late
        event = {"type": "worker-heartbeat", "timestamp": sent_at, "utcoffset": zone, "clock": 1}
        ahead = clocks.seconds_ahead("alice@host", receiver.event_from_message(event)[1])
    assert ahead == pytest.approx(sent_ahead - 0.5, abs=0.2)


@pytest.mark.parametrize("event", [{}, {"timestamp": "noon"}, {"timestamp": 1e300}, {"timestamp": 1, "utcoffset": []}])
def test_an_event_that_tells_no_time_tells_nothing(event: dict[str, Any]) -> None:
    """Whatever a stranger sends: no error, and no clock."""
    assert Clocks().seconds_ahead("alice@host", {"local_received": time.time(), **event}) is None


@on_sqlite
def test_a_wrong_clock_stands_beside_its_worker(pipeline: Pipeline) -> None:
    """From the heartbeat into the table, and from there to whom it concerns."""
    now = time.time()
    event = {"type": "worker-online", "hostname": "alice@host", "queues": "google"}
    Signs(pipeline.context).note(event | {"timestamp": now + 100, "local_received": now})
    assert told(pipeline)["clock_wrong"] == {"worker": "alice@host", "friend": "alice", "ahead_seconds": 100}


def test_the_brokers_memory_is_told(broker_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """By a real Redis, without a limit and with one."""
    monkeypatch.setattr(app.conf, "broker_url", broker_url)
    with app.connection_for_write(broker_url) as connection:
        client = connection.default_channel.client
        broker = Broker(cast(Any, SimpleNamespace(pool=connection.Pool(1))))
        used, limit = broker.memory()
        assert used > 2**16
        assert limit is None
        client.config_set("maxmemory", 2**30)
        assert broker.memory()[1] == 2**30
        client.config_set("maxmemory", 0)

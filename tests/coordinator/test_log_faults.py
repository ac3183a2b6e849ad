"""The faults of a log: counted by day and kind, whoever met them, with the last sentence and nobody's address."""

from dataclasses import replace
from typing import Any

from ctcollect.coordinator import prober
from ctcollect.coordinator.recorder import record
from ctcollect.harvest import Order
from ctcollect.local_log.faults import Faults
from ctcollect.local_log.rules import Rule
from ctcollect.store.faults import log_faults
from tests.coordinator.conftest import on_sqlite
from tests.coordinator.pipeline import WORKER, Pipeline, through_json


def faults(pipeline: Pipeline) -> list[dict[str, Any]]:
    with pipeline.store.reading() as session:
        return log_faults(session, "demo-google")


def tell(pipeline: Pipeline, order: Order, kind: str, sentence: str) -> None:
    """A friend brings an order and says that it failed, twice with one harvest."""
    (harvest,) = pipeline.collect([order])
    for _ in range(2):
        record(pipeline.context, through_json(replace(harvest, fault_kind=kind, fault=sentence)), WORKER)


def test_what_friends_and_the_coordinator_meet_is_counted(pipeline: Pipeline) -> None:
    """A harvest's fault once, however often it comes; of one kind in one row; what is not the log's fault never."""
    first, second, third = pipeline.feed()
    tell(pipeline, first, "LogUnavailable", "no answer")
    tell(pipeline, second, "OutOfTime", "the time is over")
    tell(pipeline, third, "Throttled", "slower")
    told = [(each["kind"], each["times"], each["last_text"]) for each in faults(pipeline)]
    assert told == [("LogUnavailable", 1, "no answer"), ("Throttled", 1, "slower")]
    pipeline.server.faults = Faults(Rule("unavailable", next=100))
    list(prober.probe_now(pipeline.context, ["demo-google"]))
    met = {each["kind"]: (each["times"], each["last_text"]) for each in faults(pipeline)}
    assert met["LogUnavailable"] == (1, "no answer")
    assert met["Throttled"] == (2, "127.0.0.1 answered 503: slower")


@on_sqlite
def test_a_friend_can_not_fill_the_table_nor_tell_secrets(pipeline: Pipeline) -> None:
    """Kinds that there are not are one kind; addresses, folders and signs that do not show are taken out."""
    for number, order in enumerate(pipeline.feed()):
        tell(pipeline, order, f"Kind{number}" * 50, "198.51.100.9 at /home/alice/x, \u202e no " + "x" * 400)
    (found,) = faults(pipeline)
    assert (found["kind"], found["times"]) == ("Other", 3)
    assert found["last_text"].startswith("(an address) at (a path), no xxx")
    assert len(found["last_text"]) <= 255
    (log,) = pipeline.status()["logs"]
    assert log["fault"] == found["last_text"]

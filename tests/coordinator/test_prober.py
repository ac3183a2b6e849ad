"""Which logs can be reached: asked again with growing pauses, unobtainable only after a long time."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from ctcollect.coordinator import planner, prober
from ctcollect.coordinator.context import Context
from ctcollect.errors import LogUnavailable
from ctcollect.local_log import LocalLog
from ctcollect.local_log.faults import Faults
from ctcollect.local_log.rules import Rule
from ctcollect.models import LogRow
from ctcollect.store import utc_now
from tests.coordinator.conftest import OpenPipeline, on_sqlite
from tests.coordinator.pipeline import Pipeline

GONE, THERE = "demo-gone", "demo-there"
AFTER_SECONDS = 3600.0


@pytest.fixture
def pipeline(open_fleet: OpenPipeline) -> Pipeline:
    """Two logs of which nothing is planned; one of them is gone."""
    pipeline = open_fleet(*(LocalLog.generate(name, 64, seed=3) for name in (GONE, THERE)))
    pipeline.context = Context(
        replace(pipeline.context.settings, unobtainable_after_seconds=AFTER_SECONDS),
        pipeline.store,
        pipeline.context.broker,
    )
    pipeline.server.faults = Faults(Rule("html", probability=1.0, log=GONE))
    return pipeline


def pass_time(pipeline: Pipeline, seconds: float) -> None:
    """Everything that is known of the logs happened so much earlier."""
    with pipeline.store.transaction() as session:
        for row in session.scalars(select(LogRow)):
            for name in ("rest_until", "reachable_since", "probed_at"):
                time = getattr(row, name)
                setattr(row, name, time and time - timedelta(seconds=seconds))


def ask(pipeline: Pipeline) -> None:
    """What a person does who wants to know."""
    list(prober.probe_now(pipeline.context, []))


def asked(pipeline: Pipeline) -> list[str]:
    """The logs whose heads a round asks for."""
    before = {name: pipeline.log(name).probed_at or datetime.min for name in (GONE, THERE)}
    prober.probe(pipeline.context)
    return [name for name, time in before.items() if (pipeline.log(name).probed_at or datetime.min) > time]


@on_sqlite
def test_a_log_is_asked_when_somebody_has_asked_for_it(pipeline: Pipeline) -> None:
    """One that answers has a verified head and is left alone for an hour; one that doesn't rests longer each time."""
    assert asked(pipeline) == []
    assert [log.name for log in prober.probe_now(pipeline.context, [])] == [GONE, THERE]
    assert (pipeline.log(THERE).tree_size, pipeline.log(THERE).reachable) == (64, True)
    assert pipeline.log(GONE).reachable is False
    assert asked(pipeline) == []
    pauses = []
    for _ in range(12):
        pauses.append(pipeline.log(GONE).rest_seconds)
        pass_time(pipeline, pauses[-1])
        assert GONE in asked(pipeline)
    assert pauses == [min(5.0 * 2**n, 3_600.0) for n in range(12)]


@on_sqlite
def test_a_log_is_unobtainable_only_after_it_has_failed_for_long(pipeline: Pipeline) -> None:
    """No number of failures in a short time does it; then it is told once, and there is no count of certificates."""
    for _ in range(3):
        ask(pipeline)
        pass_time(pipeline, 600)
    assert not listed(pipeline)["unobtainable"]
    assert listed(pipeline)["certificates"] == 0
    pass_time(pipeline, AFTER_SECONDS)
    assert not listed(pipeline)["unobtainable"]  # it may have come back in the meantime: nobody has asked
    (line,) = prober.probe(pipeline.context)
    assert line.startswith(f"{GONE} has not answered for long")
    assert (listed(pipeline)["unobtainable"], listed(pipeline)["certificates"]) == (True, None)
    assert pipeline.status()["totals"]["certificates"] == 0
    pass_time(pipeline, AFTER_SECONDS)
    assert prober.probe(pipeline.context) == []


@on_sqlite
def test_a_log_that_answers_again_is_unobtainable_no_more(pipeline: Pipeline) -> None:
    """One answer is enough, and the time of failing begins anew."""
    ask(pipeline)
    pass_time(pipeline, AFTER_SECONDS)
    ask(pipeline)
    assert listed(pipeline)["unobtainable"]
    pipeline.server.faults = Faults()
    pass_time(pipeline, 3_600)
    assert prober.probe(pipeline.context) == [f"{GONE} answers again"]
    assert (listed(pipeline)["reachable"], listed(pipeline)["unobtainable"]) == (True, False)
    assert pipeline.log(GONE).reachable_since == pytest.approx(utc_now(), abs=timedelta(seconds=30))


@on_sqlite
def test_a_test_log_that_is_gone_only_rests(pipeline: Pipeline) -> None:
    """By its rule nobody misses what no list vouches for."""
    with pipeline.store.transaction() as session:
        session.execute(update(LogRow).values(state=None, log_type="test"))
    ask(pipeline)
    pass_time(pipeline, AFTER_SECONDS)
    ask(pipeline)
    assert (listed(pipeline)["reachable"], listed(pipeline)["unobtainable"]) == (False, False)


@on_sqlite
def test_planning_notes_that_a_log_is_gone(pipeline: Pipeline) -> None:
    """A failure counts whoever meets it; a log that rests is not asked by the refreshing of heads."""
    pipeline.plan(THERE)
    pipeline.server.faults = Faults(Rule("reset", probability=1.0))
    with pytest.raises(LogUnavailable):
        planner.plan(pipeline.context, THERE, "full")
    assert pipeline.log(THERE).reachable is False
    assert planner.refresh_heads(pipeline.context) == {}
    pass_time(pipeline, 10)
    assert list(planner.refresh_heads(pipeline.context)) == [THERE]


def listed(pipeline: Pipeline) -> dict[str, Any]:
    """The log that is gone, as the status document has it."""
    return next(log for log in pipeline.status()["logs"] if log["name"] == GONE)

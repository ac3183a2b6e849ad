"""Readonly logs: collected to their final tree head, whose root they must have."""

import pytest
from sqlalchemy import update

from ctcollect.coordinator import planner
from ctcollect.errors import ConfigurationError, TreeMismatch
from ctcollect.local_log import LocalLog
from ctcollect.models import LogRow
from ctcollect.ranges import Span
from tests.coordinator.conftest import ENTRIES, OpenPipeline, on_sqlite, published
from tests.coordinator.pipeline import Pipeline

NAME = "demo-google"
FINAL = 2_010


def froze(pipeline: Pipeline, root: str, size: int | None = FINAL) -> None:
    """A list says that the log is readonly and ends there."""
    with pipeline.store.transaction() as session:
        values = {"state": "readonly", "final_tree_size": size, "final_root_hash": root}
        session.execute(update(LogRow).values(**values))


def root_at(log: LocalLog, size: int) -> str:
    return log.head(size).root_hash.hex()


@on_sqlite
def test_a_readonly_log_is_collected_to_its_final_head(open_fleet: OpenPipeline, log: LocalLog) -> None:
    """``full`` ends there, nothing beyond is a window, and what was collected is verified against the given root."""
    pipeline = open_fleet(published(log, FINAL))
    froze(pipeline, root_at(log, FINAL))
    plan = planner.plan(pipeline.context, NAME, "full")
    assert (plan.found.spans, plan.wanted) == ((Span(0, FINAL),), (Span(0, FINAL),))
    assert pipeline.log(NAME).last_fault is None
    with pytest.raises(ConfigurationError, match="not inside the log"):
        planner.plan(pipeline.context, NAME, f"0:{FINAL + 1}")
    pipeline.collect_all()
    assert pipeline.audit() == 1
    assert pipeline.log(NAME).root_hash == pipeline.log(NAME).final_root_hash


@on_sqlite
@pytest.mark.parametrize("size", [FINAL, ENTRIES], ids=["of the final size", "larger"])
def test_a_head_that_does_not_lead_to_the_final_root_is_refused(
    open_fleet: OpenPipeline, log: LocalLog, size: int
) -> None:
    """Neither stored nor planned by; the log rests, and what is wrong with it is told."""
    pipeline = open_fleet(published(log, size))
    froze(pipeline, root_at(log, FINAL - 1))
    with pytest.raises(TreeMismatch, match=f"final tree head.*{FINAL:,} entries"):
        planner.plan(pipeline.context, NAME, "full")
    row = pipeline.log(NAME)
    assert (row.tree_size, pipeline.states(), row.reachable) == (0, {}, None)
    assert "final tree head" in str(row.last_fault)
    assert row.rest_until


@on_sqlite
@pytest.mark.parametrize(
    ("size", "final", "told"),
    [
        (ENTRIES, FINAL, "though its list says that it ended at 2,010"),
        (FINAL - 10, FINAL, "short of its final 2,010"),
        (FINAL, None, "no list tells the final tree head"),
    ],
)
def test_a_head_of_another_size_is_told_and_used(
    open_fleet: OpenPipeline, log: LocalLog, size: int, final: int | None, told: str
) -> None:
    """A log that has grown from its final head, one that is not there yet, one whose list names none."""
    pipeline = open_fleet(published(log, size))
    froze(pipeline, root_at(log, FINAL), final)
    plan = planner.plan(pipeline.context, NAME, "full")
    assert plan.found.spans == (Span(0, min(size, FINAL)),)
    assert pipeline.log(NAME).tree_size == size
    assert told in str(pipeline.log(NAME).last_fault)

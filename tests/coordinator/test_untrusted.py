"""A friend who is not trusted any more and whose worker comes back all the same."""

from ctcollect.coordinator.distrust import condemn
from tests.coordinator.pipeline import WORKER, Pipeline


def test_a_worker_that_was_started_again_is_stopped_again(pipeline: Pipeline) -> None:
    """Every audit asks the workers of an untrusted friend, and of nobody else, to take no more orders."""
    pipeline.record(pipeline.harvests()[:1])
    condemn(pipeline.context, "alice", "kept something back")
    assert WORKER.startswith("alice@")
    for audits in (1, 2, 3):
        assert pipeline.broker.stopped == ["alice"] * audits
        pipeline.audit()

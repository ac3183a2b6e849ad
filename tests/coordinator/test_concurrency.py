"""Several recorders at once: every harvest counts once, and none stops another."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

from sqlalchemy import func, select

from ctcollect.collect import Collector
from ctcollect.harvest import Harvest
from ctcollect.local_log import LocalLog
from ctcollect.models import CertificateRow, ContributionRow, DailyCountRow, SightingRow
from tests.coordinator.conftest import OpenPipeline
from tests.coordinator.pipeline import Pipeline
from tests.coordinator.truth import jp_truth

PIECE_BYTES = 30_000


def test_recorders_do_not_get_into_each_others_way(open_fleet: OpenPipeline, big_log: LocalLog) -> None:
    """Two ranges of one log that hold the same certificates, each recorded by two at once: the counters are right."""
    pipeline = open_fleet(big_log)
    pipeline.plan()
    collector = Collector(replace(pipeline.context.settings, harvest_max_bytes=PIECE_BYTES))
    orders = [order for order in pipeline.feed() if is_worth_it(order.start, big_log)]
    pieces = [piece for order in orders for piece in collector.collect(order)]
    assert len(pieces) > 10
    half = len(pieces) // 2
    record_at_once(pipeline, [pieces, pieces[half:] + pieces[:half], pieces[::-1]])
    tables_agree(pipeline, big_log, pieces)


def is_worth_it(index: int, log: LocalLog) -> bool:
    """Whether the sub-range of 1,024 entries that begins here holds anything of interest."""
    return any(truth.jp_names for truth in log.truth[index : index + 1_024])


def record_at_once(pipeline: Pipeline, turns: Sequence[Sequence[Harvest]]) -> None:
    """One thread for each sequence; the first error of any of them comes out."""
    start = Barrier(len(turns))

    def record(harvests: Sequence[Harvest]) -> None:
        start.wait(10)
        pipeline.record(harvests)

    with ThreadPoolExecutor(len(turns)) as threads:
        list(threads.map(record, turns))


def tables_agree(pipeline: Pipeline, log: LocalLog, pieces: Sequence[Harvest]) -> None:
    """Each entry of the pieces counts once everywhere."""
    entries, sighted = sum(len(piece.span) for piece in pieces), len(jp_truth(log))
    issuances = {truth.issuance for truth in log.truth if truth.jp_names}
    row = pipeline.log(log.name)
    assert (row.entries_done, row.sightings, row.certificates) == (entries, sighted, len(issuances))
    days, brought = DailyCountRow, ContributionRow
    sums = [func.sum(column) for column in (days.entries, days.uploaded, days.registered)]
    with pipeline.store.reading() as session:
        assert tuple(session.execute(select(*sums)).one()) == (entries, sighted, len(issuances))
        brought_sums = session.execute(select(func.sum(brought.entries), func.sum(brought.certificates))).one()
        assert tuple(brought_sums) == (entries, sighted)
        assert session.scalar(select(func.count()).select_from(SightingRow)) == sighted
        assert session.scalar(select(func.count()).select_from(CertificateRow)) == len(issuances)

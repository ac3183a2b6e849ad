"""Friends, honest and not, who do the orders of a pipeline in turn."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import cycle
from pathlib import Path

from sqlalchemy import select, update

from ctcollect.coordinator import recorder
from ctcollect.harvest import Harvest, HarvestEntry, Order
from ctcollect.local_log import LocalLog
from ctcollect.models import DeliveryRow, LogRow, RefusedHarvestRow
from ctcollect.protocol.merkle import audit_path, leaf_hash, tree_root
from ctcollect.ranges import UNIT_ENTRIES, Span
from ctcollect.store import trust, utc_now
from ctcollect.store.workers import WorkerSign, note_signs
from tests.coordinator.pipeline import Pipeline, open_pipeline, settings_in, through_json
from tests.coordinator.tables import Tables, content

SUBRANGE_ENTRIES = 64
QUEUES = "google,cloudflare,archive"

Bend = Callable[[Harvest], Harvest]


@dataclass(frozen=True)
class Friend:
    """``bend`` is what becomes of each harvest before it is sent; who does not obey does what others should do."""

    name: str
    bend: Bend = lambda harvest: harvest
    obeys: bool = True
    host: str = "here"

    @property
    def worker(self) -> str:
        return f"{self.name}@{self.host}"

    def collect(self, pipeline: Pipeline, order: Order) -> list[Harvest]:
        taken = order if self.obeys else replace(order, avoid="")
        return [self.bend(harvest) for harvest in pipeline.collect([taken], self.worker)]

    def bring(self, pipeline: Pipeline, order: Order) -> None:
        """Do the order and send what came of it, as it arrives over the broker."""
        for harvest in self.collect(pipeline, order):
            send(pipeline, harvest, self.worker)


ALICE, BOB, CAROL = Friend("alice"), Friend("bob"), Friend("carol")


def send(pipeline: Pipeline, harvest: Harvest, worker: str) -> None:
    """The recorder gets this harvest, good or not."""
    recorder.record_or_set_aside(pipeline.context, through_json(harvest), worker)


def forging(log: LocalLog, byte: int = 9) -> Bend:
    """Alters the first .jp entry of each harvest and proves it all against roots of its own."""
    return lambda harvest: altered(log, harvest, harvest.entries[0].index, byte) if harvest.entries else harvest


def altered(log: LocalLog, harvest: Harvest, index: int, byte: int = 9) -> Harvest:
    """One bit of one leaf flipped, by default of its timestamp; the unit's root and proofs are made to fit."""
    leaf = bytearray(log.entries[index].leaf_input)
    leaf[byte] ^= 1
    return replaced(log, harvest, {index: bytes(leaf)})


def replaced(log: LocalLog, harvest: Harvest, leaves: Mapping[int, bytes]) -> Harvest:
    """The harvest as though the log held these leaves, all of which are sent; roots and proofs are made to fit."""
    sent = {entry.index: entry for entry in harvest.entries}
    sent |= {index: HarvestEntry(index, leaf, log.entries[index].extra_data, ()) for index, leaf in leaves.items()}
    roots: list[bytes] = []
    entries: list[HarvestEntry] = []
    for start in range(harvest.start, harvest.end, UNIT_ENTRIES):
        span = range(start, min(start + UNIT_ENTRIES, harvest.end))
        hashes = [leaf_hash(sent[at].leaf_input if at in sent else log.entries[at].leaf_input) for at in span]
        roots.append(tree_root(hashes))
        entries += [replace(sent[at], proof=audit_path(hashes, at - start)) for at in span if at in sent]
    first = leaves.get(harvest.start, log.entries[harvest.start].leaf_input)
    return replace(harvest, unit_roots=b"".join(roots), first_leaf_hash=leaf_hash(first), entries=tuple(entries))


def omitting(harvest: Harvest) -> Harvest:
    """Keeps the first .jp entry back."""
    return replace(harvest, entries=harvest.entries[1:])


def first_units(harvest: Harvest, count: int, *, last: bool) -> Harvest:
    """The harvest as if the worker had come no further than ``count`` units."""
    end = harvest.start + count * UNIT_ENTRIES
    entries = tuple(entry for entry in harvest.entries if entry.index < end)
    return replace(harvest, end=end, unit_roots=harvest.unit_roots[: count * 32], entries=entries, last=last)


def plan_small(pipeline: Pipeline, *names: str) -> None:
    """Plan these logs, or all, in sub-ranges of two units."""
    with pipeline.store.transaction() as session:
        session.execute(update(LogRow).values(subrange_entries=SUBRANGE_ENTRIES))
    pipeline.plan(*names)


def present(pipeline: Pipeline, *friends: Friend) -> None:
    """These friends' workers run and serve the queues; nobody else's does."""
    with pipeline.store.transaction() as session:
        signs = [WorkerSign(each.worker, utc_now(), queues=QUEUES) for each in friends]
        note_signs(session, signs)


def work(pipeline: Pipeline, *friends: Friend) -> list[Order]:
    """All orders that are out now, done by the friends in turn; returns them."""
    present(pipeline, *friends)
    orders = pipeline.feed()
    for order, friend in zip(orders, cycle(friends), strict=False):
        friend.bring(pipeline, order)
    return orders


def work_on(pipeline: Pipeline, *friends: Friend, rounds: int = 40) -> None:
    """Work and audit until all is verified and checked. Each round another friend comes first."""
    for turn in range(rounds):
        at = turn % len(friends)
        orders = work(pipeline, *friends[at:], *friends[:at])
        if not pipeline.audit() and is_settled(pipeline):
            return
        if not orders:
            pipeline.expire_leases()
    raise AssertionError(f"still at work after {rounds} rounds: {pipeline.states()}")


def is_settled(pipeline: Pipeline) -> bool:
    checks = pipeline.status()["second_opinions"]
    return set(pipeline.states()) == {"verified"} and checks["wanted"] == checks["out"] == 0


def trust_in(pipeline: Pipeline, friend: Friend) -> str:
    with pipeline.store.reading() as session:
        return trust.trust_of(session, friend.name)


def delivered(pipeline: Pipeline) -> dict[Span, str]:
    """Span -> the friend who brought it, of one log's worth of deliveries."""
    with pipeline.store.reading() as session:
        rows = session.scalars(select(DeliveryRow).order_by(DeliveryRow.start_index))
        return {Span(row.start_index, row.end_index): row.friend for row in rows}


def refusals(pipeline: Pipeline) -> list[tuple[str, str]]:
    """(worker, reason) of the harvests that were set aside."""
    with pipeline.store.reading() as session:
        return [(row.worker, row.reason) for row in session.scalars(select(RefusedHarvestRow))]


def honest_content(folder: Path, *logs: LocalLog) -> Tables:
    """What the tables must hold in the end: what an honest friend alone brings of these logs."""
    with open_pipeline(settings_in(folder, SECOND_OPINION_SHARE="0"), *logs) as pipeline:
        plan_small(pipeline)
        work_on(pipeline, ALICE)
        return content(pipeline.store)


def with_share(pipeline: Pipeline, share: float) -> Pipeline:
    """The same, with this share of the deliveries checked by others."""
    settings = replace(pipeline.context.settings, second_opinion_share=share)
    return replace(pipeline, context=replace(pipeline.context, settings=settings))


def avoided(orders: Iterable[Order], friend: Friend) -> list[Span]:
    """The spans of the orders that this friend must leave to others."""
    return [order.span for order in orders if friend.name in order.avoid.split(",")]

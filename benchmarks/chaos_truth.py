"""What the collection holds after the chaos, against what the logs are known to hold."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import orjson
import pybase64
import requests
from sqlalchemy import func, select

from benchmarks.chaos_fleet import BAD
from ctcollect.coordinator.entries import read_entry
from ctcollect.local_log.oddities import RUBBISH_WITH_JP
from ctcollect.models import ContributionRow, SecondOpinionRow, WorkerRow
from ctcollect.ranges import Span
from ctcollect.store import Session, Store, verify
from ctcollect.store.deliveries import range_deliveries
from ctcollect.store.logs import all_logs
from ctcollect.store.second_opinions import known_indices

THREADS = 8


@dataclass(frozen=True, slots=True)
class Compared:
    """How many entries are ... ``wanted`` are the .jp entries of all logs."""

    wanted: int
    lost: int
    stored_twice: int
    forged: int
    omitted: int
    malformed_wrong: int

    @property
    def is_right(self) -> bool:
        return self.wanted > 0 == self.lost + self.stored_twice + self.forged + self.omitted + self.malformed_wrong


@dataclass(frozen=True, slots=True)
class Truth:
    """By (log, index): the identity of the certificate in each .jp entry, and the entries that nobody can read but
    that may hold a .jp name."""

    identities: dict[tuple[str, int], str]
    unreadable: set[tuple[str, int]]


def read_truth(truth_file: Path, log_url: str) -> Truth:
    """Which entries hold .jp is known by construction; what is in them the logs are asked, without faults now."""
    wanted, unreadable = [], set()
    with truth_file.open("rb") as lines:
        for line in lines:
            truth = orjson.loads(line)
            place = (truth["log"], truth["index"])
            if truth["jp_names"]:
                wanted.append(place)
            elif truth["odd"] == RUBBISH_WITH_JP:
                unreadable.add(place)
    with ThreadPoolExecutor(THREADS) as pool, requests.Session() as session:
        identities = pool.map(lambda place: _identity(session, log_url, *place), wanted)
        return Truth(dict(zip(wanted, identities, strict=True)), unreadable)


def _identity(session: requests.Session, log_url: str, name: str, index: int) -> str:
    url = f"{log_url}{name}/ct/v1/get-entries"
    entry = session.get(url, params={"start": index, "end": index}, timeout=30).json()["entries"][0]
    leaf_input, extra_data = (pybase64.b64decode(entry[part]) for part in ("leaf_input", "extra_data"))
    return read_entry(index, leaf_input, extra_data).fields.identity


def compare(store: Store, truth: Truth) -> Compared:
    """Every .jp entry must be there, once, as the certificate that it is."""
    with store.reading() as session:
        stored = list(_stored(session))
        malformed = _malformed(session, {place for place, _ in stored})
        certificates = verify.registered(session)[1]
        brought_by_bad = _brought_by(session, BAD)
    missing = truth.identities.keys() - {place for place, _ in stored}
    omitted = sum(any(index in span for span in brought_by_bad.get(name, ())) for name, index in missing)
    twice = len(stored) - len({place for place, _ in stored})
    too_many = max(certificates - len({identity for _, identity in stored}), 0)
    return Compared(
        wanted=len(truth.identities),
        lost=len(missing) - omitted,
        stored_twice=twice + too_many,
        forged=sum(truth.identities.get(place) != identity for place, identity in stored),
        omitted=omitted,
        malformed_wrong=len(malformed ^ truth.unreadable),
    )


def _stored(session: Session) -> Iterator[tuple[tuple[str, int], str]]:
    for log in all_logs(session):
        for sighted in verify.sightings(session, log.log_id):
            yield (log.name, sighted.index), sighted.identity


def _malformed(session: Session, sighted: set[tuple[str, int]]) -> set[tuple[str, int]]:
    known = {
        (log.name, index)
        for log in all_logs(session)
        for index in known_indices(session, log.log_id, Span(0, log.tree_size))
    }
    return known - sighted


def _brought_by(session: Session, friends: tuple[str, ...]) -> dict[str, list[range]]:
    """The spans by log that these friends brought and that still count."""
    return {
        log.name: [
            range(delivery.start_index, delivery.end_index)
            for each in chain.from_iterable(verify.ranges(session, log.log_id))
            for delivery in range_deliveries(session, log.log_id, each.span.start)
            if delivery.friend in friends
        ]
        for log in all_logs(session)
    }


def deliveries_by_friend(store: Store) -> Counter[str]:
    """How many entries that each friend brought count in the end."""
    found: Counter[str] = Counter()
    with store.reading() as session:
        for log in all_logs(session):
            for each in chain.from_iterable(verify.ranges(session, log.log_id)):
                for delivery in range_deliveries(session, log.log_id, each.span.start):
                    found[delivery.friend] += delivery.end_index - delivery.start_index
    return found


def recorded_entries(store: Store) -> int:
    """How many entries of honest friends were recorded, also those that were discarded later."""
    columns = select(func.sum(ContributionRow.entries)).join(WorkerRow, WorkerRow.name == ContributionRow.worker)
    with store.reading() as session:
        return int(session.scalar(columns.where(WorkerRow.friend.not_in(BAD))) or 0)


def checked_entries(store: Store) -> int:
    """How many entries were read for second opinions that are settled."""
    length = func.sum(SecondOpinionRow.checked_until - SecondOpinionRow.start_index)
    with store.reading() as session:
        return int(session.scalar(select(length)) or 0)

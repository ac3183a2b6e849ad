"""How long a page of certificates takes in the database, for common, rare and absent values and combinations.

    python -m benchmarks.bench_search --dir FOLDER [--certificates 10000000] [--write]

The data is that of benchmarks/web_data.py. Each kind of question is asked REPEATS times with other values and goes
on for up to PAGES pages; a page is ROWS certificates. Times are those of find_certificates: all of its statements.
"""

import argparse
import random
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

from sqlalchemy import text

from benchmarks.common import PAGE, machine_line, markdown_table, write_between_markers
from benchmarks.web_data import add_arguments, filled_server, sizes_of
from ctcollect.search import Criteria, Place, parse_criteria
from ctcollect.store import Session, Store
from ctcollect.store.certificate_search import find_certificates

REPEATS, PAGES, ROWS = 40, 3, 50
SAMPLE = text(
    "SELECT n.name, n.registered_domain, n.organisation_type, c.issuer_o, c.issuer_cn, DATE(n.not_before), "
    "(SELECT domain FROM bench_domains WHERE id = 1) "
    "FROM certificate_names n JOIN certificates c ON c.id = n.certificate_id WHERE n.certificate_id >= :number LIMIT 1"
)


class Sample(NamedTuple):
    """A certificate of the collection, from which questions are made; ``hoster``: the domain with the most of them."""

    name: str
    domain: str
    kind: str
    issuer_o: str
    issuer_cn: str
    day: str
    hoster: str


Ask = Callable[[Sample], dict[str, str]]
QUESTIONS: dict[str, Ask] = {
    "nothing: the newest of all": lambda _: {},
    "a name": lambda c: {"domain": c.name, "match": "exact"},
    "an absent name": lambda c: {"domain": f"no.{c.name.removeprefix('*.')}", "match": "exact"},
    "a domain and all below": lambda c: {"domain": c.domain},
    "a registered domain": lambda c: {"domain": c.name, "match": "registered"},
    "the largest hoster": lambda c: {"domain": c.hoster},
    "a public suffix": lambda _: {"domain": "co.jp"},
    "a rare public suffix": lambda _: {"domain": "ad.jp"},
    "a type": lambda c: {"organisation_type": c.kind},
    "a CA": lambda c: {"issuer_o": c.issuer_o},
    "an absent CA": lambda _: {"issuer_o": "Nobody"},
    "an issuing certificate": lambda c: {"issuer_cn": c.issuer_cn},
    "a day of issuance": lambda c: {"not_before_from": c.day, "not_before_to": c.day},
    "a day of expiry": lambda c: {"not_after_from": c.day, "not_after_to": c.day},
    "expiry in the far future": lambda _: {"not_after_from": "2040-01-01"},
    "type and CA": lambda c: {"organisation_type": c.kind, "issuer_o": c.issuer_o},
    "a rare type and a rare CA": lambda _: {"organisation_type": "ad", "issuer_o": "ZeroSSL"},
    "domain and CA": lambda c: {"domain": c.domain, "issuer_o": c.issuer_o},
    "the hoster and a rare CA": lambda c: {"domain": c.hoster, "issuer_o": "国立情報学研究所"},
    "the hoster and an absent CA": lambda c: {"domain": c.hoster, "issuer_o": "Nobody"},
    "CA, type and a day": lambda c: {"issuer_o": c.issuer_o, "organisation_type": c.kind, "not_before_from": c.day},
    "issued early, expiring late": lambda _: {"not_before_to": "2018-12-31", "not_after_from": "2024-06-01"},
    "type and expiry": lambda c: {"organisation_type": c.kind, "not_after_from": c.day, "not_after_to": c.day},
}


def samples(session: Session, certificates: int) -> list[Sample]:
    """The same each time."""
    chance = random.Random(1)
    numbers = [chance.randint(1, certificates) for _ in range(REPEATS)]
    return [Sample(*map(str, session.execute(SAMPLE, {"number": number}).one())) for number in numbers]


def page_times(session: Session, asked: Criteria) -> Iterator[tuple[float, int]]:
    """(milliseconds, certificates) of the first pages."""
    after: Place | None = None
    for _ in range(PAGES):
        started = time.perf_counter()
        page = find_certificates(session, asked, ROWS, after)
        yield (time.perf_counter() - started) * 1000, len(page.numbers)
        after = page.next
        if after is None:
            return


def measure(session: Session, drawn: list[Sample]) -> Iterator[list[str]]:
    """A row of the table for each kind of question."""
    for what, ask in QUESTIONS.items():
        pages = [page for sample in drawn for page in page_times(session, parse_criteria(ask(sample)))]
        milliseconds = sorted(each for each, _ in pages)
        middle, late = (milliseconds[int(share * (len(milliseconds) - 1))] for share in (0.5, 0.95))
        found = sum(count for _, count in pages) / len(pages)
        yield [what, f"{middle:.1f}", f"{late:.1f}", f"{milliseconds[-1]:.1f}", f"{found:.0f}"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_arguments(parser)
    parser.add_argument("--write", action="store_true", help=f"put the table into {PAGE.name}")
    options = parser.parse_args()
    sizes = sizes_of(options)
    with filled_server(options.dir, sizes) as url:
        store = Store(url)
        with store.reading() as session:
            drawn = samples(session, sizes.certificates)
            next(measure(session, drawn[:1]))  # the first statements open the tables
            rows = list(measure(session, drawn))
        store.close()
    head = ("question", "p50 ms", "p95 ms", "max ms", f"found of {ROWS}")
    table = f"{markdown_table(head, rows)}\n\n{sizes.certificates:,} certificates. {machine_line()}"
    print(table)
    if options.write:
        write_between_markers(PAGE, "search", table)


if __name__ == "__main__":
    main()

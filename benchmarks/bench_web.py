"""Every page and API address at RATE requests a second, by gunicorn: p50 and p95.

    python -m benchmarks.bench_web --dir FOLDER [--seconds 10] [--only TEXT] [--write]

The data is that of benchmarks/web_data.py. Addresses are taken from the application's own map; what stands in them
(a log, a friend, a certificate) is drawn from the data. Requests are sent when they are due, whether or not those
before have been answered, so that a slow answer does not hide the wait of the next. An address without a sample for
one of its places, or that answers anything but 200, is named and fails the run. Meanwhile a log of each queue is read:
once a second it has more entries done than before.
"""

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from typing import NamedTuple

import requests
from flask import Flask
from requests.adapters import HTTPAdapter
from sqlalchemy import text
from werkzeug.routing import Rule

from benchmarks.common import PAGE, machine_line, markdown_table, write_between_markers
from benchmarks.web_data import add_arguments, filled_server, sizes_of
from ctcollect.settings import Settings
from ctcollect.store import Store
from tests.services.processes import ProcessGroup, free_port
from tests.services.programs import find_program
from webapp import create_app

ROOT = Path(__file__).parents[1]
RATE = 20
TIMEOUT_SECONDS = 10
THREADS = 64
NO_ANSWER = 0
ENTRIES_A_SECOND = 1024
# So often each address is asked before its times are taken, for whichever process answers.
VISITS = 3
# Streams without an end, downloads whose files this data has not, files that need no database, and what is handed on
# to Flower.
NOT_ASKED = ("static", "api.events", "api.certificate_pem", "flower.enter", "flower.show", "flower.forward")
# What is asked of an address beside its path; the others are asked without.
QUERIES: dict[str, tuple[str, ...]] = {
    "api.certificates": ("domain={domain}&limit=100",),
    "api.certificates_csv": ("domain={domain}&match=exact",),
    "certificates.search": ("", "domain={domain}", "issuer_o=SECOM+Trust+Systems+CO.%2CLTD.&organisation_type=ac"),
}
SAMPLES = {
    "number": "SELECT id FROM certificates WHERE id % 99991 = 1 LIMIT 50",
    "domain": "SELECT registered_domain FROM certificate_names WHERE certificate_id % 99991 = 1 LIMIT 50",
    "log": "SELECT name FROM logs",
    "friend": "SELECT DISTINCT friend FROM workers",
    "worker": "SELECT name FROM workers",
}
# Of files there is one report, made for this.
REPORT, REPORT_FILE = "benchmark", "index.html"
REPORT_KB = 500
# A place's sample by blueprint, where its own name says too little.
PLACES = {
    "domains.name": "domain",
    "logs.name": "log",
    "api.name": "log",
    "friends.name": "friend",
    "reports.name": "report",
    "reports.path": "file",
}


class Route(NamedTuple):
    """An address as the map has it with one of its queries, and real addresses of it."""

    words: str
    addresses: list[str]


def routes(app: Flask, samples: Mapping[str, Sequence[str]], only: str) -> Iterator[Route]:
    """Every address that can be asked, in the order of its path; SystemExit for a place without a sample."""
    adapter = app.url_map.bind("127.0.0.1")
    for rule in sorted(app.url_map.iter_rules(), key=str):
        if rule.endpoint in NOT_ASKED or "GET" not in (rule.methods or ()) or only not in str(rule):
            continue
        for query in QUERIES.get(rule.endpoint, ("",)):
            addresses = [adapter.build(rule.endpoint, values) for values in _values(rule, samples)]
            asked = [f"{each}?{query}" if query else each for each in addresses]
            yield Route(f"{rule} {query}".strip(), [*_filled(asked, samples["domain"])])


def _filled(addresses: Sequence[str], domains: Sequence[str]) -> Iterator[str]:
    """Each address for another domain, where it names one."""
    for address in addresses:
        if "{domain}" not in address:
            yield address
        else:
            yield from (address.replace("{domain}", domain) for domain in domains)


def _values(rule: Rule, samples: Mapping[str, Sequence[str]]) -> list[dict[str, str]]:
    if not rule.arguments:
        return [{}]
    found = {}
    for name in rule.arguments:
        kind = PLACES.get(f"{rule.endpoint.partition('.')[0]}.{name}", name)
        if kind not in samples:
            raise SystemExit(f"{rule}: say in SAMPLES or PLACES what {name!r} may be")
        found[name] = samples[kind]
    return [dict(zip(found, values, strict=True)) for values in zip(*found.values(), strict=False)]


def ask_all(host: str, route: Route, seconds: float) -> tuple[list[float], Counter[int]]:
    """Milliseconds from the moment a request was due to its last byte; how often which status was answered, 0: none."""
    started = time.perf_counter() + 0.1
    session = requests.Session()
    session.mount("http://", HTTPAdapter(pool_maxsize=THREADS))

    def ask(number: int) -> tuple[float, int]:
        due = started + number / RATE
        time.sleep(max(due - time.perf_counter(), 0))
        address = host + route.addresses[number % len(route.addresses)]
        try:
            status = session.get(address, timeout=TIMEOUT_SECONDS).status_code
        except requests.RequestException:
            status = NO_ANSWER
        return (time.perf_counter() - due) * 1000, status

    with ThreadPoolExecutor(THREADS) as pool:
        answers = list(pool.map(ask, range(int(RATE * seconds))))
    return sorted(milliseconds for milliseconds, _ in answers), Counter(status for _, status in answers)


def measure(host: str, asked: Sequence[Route], seconds: float) -> Iterator[list[str]]:
    """A row of the table for each route, as it is measured."""
    for route in asked:
        ask_all(host, route, max(1.0, VISITS * len(route.addresses) / RATE))
        times, statuses = ask_all(host, route, seconds)
        middle, late = (times[int(share * (len(times) - 1))] for share in (0.5, 0.95))
        row = [f"`{route.words}`", f"{middle:.0f}", f"{late:.0f}", f"{times[-1]:.0f}"]
        row.append(", ".join(f"{status}: {count}" for status, count in sorted(statuses.items())))
        print(" ".join(row), flush=True)
        yield row


def drawn(store: Store) -> dict[str, list[str]]:
    """Values of each kind."""
    with store.reading() as session:
        found = {kind: [str(row[0]) for row in session.execute(text(asked))] for kind, asked in SAMPLES.items()}
    return found | {"report": [REPORT], "file": [REPORT_FILE]}


@contextmanager
def being_read(store: Store) -> Iterator[None]:
    """A log of each queue counts more entries done every second; in the end each has as many as before."""
    with store.reading() as session:
        logs = [name for (name,) in session.execute(text("SELECT MIN(name) FROM logs GROUP BY queue"))]
    is_over, counted = Event(), 0

    def add(entries: int) -> None:
        with store.transaction() as session:
            more = text("UPDATE logs SET entries_done = entries_done + :entries WHERE name = :name")
            session.execute(more, [{"entries": entries, "name": name} for name in logs])

    def read() -> None:
        nonlocal counted
        while not is_over.wait(1.0):
            add(ENTRIES_A_SECOND)
            counted += ENTRIES_A_SECOND

    reading = Thread(target=read)
    reading.start()
    try:
        yield
    finally:
        is_over.set()
        reading.join()
        add(-counted)


def make_report(data_dir: Path) -> None:
    """What `ctcollect report` leaves behind, as far as the pages look at it."""
    folder = data_dir / "reports" / REPORT
    folder.mkdir(parents=True)
    about = {"data_as_of": "2026-01-02T00:00:00Z", "made_at": "2026-01-02T00:00:00Z", "version": "1", "title": "Report"}
    (folder / "report.json").write_text(json.dumps(about))
    (folder / REPORT_FILE).write_text("<!doctype html><title>Report</title>" + "<p>renewed</p>" * (REPORT_KB * 70))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_arguments(parser)
    parser.add_argument("--seconds", type=float, default=10, help="how long each address is asked")
    parser.add_argument("--workers", type=int, default=2, help="gunicorn's processes")
    parser.add_argument("--only", default="", help="ask only addresses that hold this text")
    parser.add_argument("--write", action="store_true", help=f"put the table into {PAGE.name}")
    options = parser.parse_args()
    with filled_server(options.dir, sizes_of(options)) as url, TemporaryDirectory() as folder:
        store = Store(url)
        asked = list(routes(create_app(Settings(database_url=url)), drawn(store), options.only))
        host = f"127.0.0.1:{free_port()}"
        make_report(Path(folder, "data"))
        command: list[str | Path] = [find_program("gunicorn"), f"--workers={options.workers}", "--threads=4"]
        with ProcessGroup(Path(folder)) as processes:
            process = processes.start(
                [*command, f"--bind={host}", "webapp:create_app()"], _environment(url, Path(folder, "data")), ROOT
            )
            process.wait_for_line("Booting worker")
            with being_read(store):
                rows = list(measure(f"http://{host}", asked, options.seconds))
        store.close()
    head = ("address", "p50 ms", "p95 ms", "max ms", "status")
    table = f"{markdown_table(head, rows)}\n\n{RATE} requests a second each. {machine_line()}"
    if options.write:
        write_between_markers(PAGE, "web", table)
    sys.exit(any(not row[-1].startswith("200:") or "," in row[-1] for row in rows))


def _environment(url: str, data_dir: Path) -> dict[str, str]:
    return {"CTCOLLECT_DATABASE_URL": url, "CTCOLLECT_DATA_DIR": str(data_dir)}


if __name__ == "__main__":
    main()

"""What the whole job needs: python -m benchmarks.scale [--database URL] [--write]

A calculation, not a measurement: the entries of the bundled logs, entries an answer, and the requests a second that
one client and the whole fleet may make at a host (docs/politeness.md) give requests, days, and what comes to the
coordinator. What a machine can do is read from the tables in docs/performance.md. Few logs' sizes are known before a
coordinator has asked them: the others share evenly what is left of ALL_ENTRIES; --database knows more.
"""

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from benchmarks.bench_collect import ALONE
from benchmarks.bench_collect import MARKER as COLLECT
from benchmarks.common import JP_SHARE, PAGE, markdown_table, read_table, write_between_markers
from ctcollect.catalogue import Log, bundled, host_policy, operator_named
from ctcollect.store import Store
from ctcollect.store.status import status_document

SCALE_PAGE = Path(__file__).parents[1] / "docs" / "scale.md"
ALL_ENTRIES = 40_000_000_000
# Tree heads of 2026-05-29 and 2025-05-21, and one of autumn 2026.
KNOWN_SIZES = {"argon2026h1": 2_786_064_990, "nessie2025": 881_954_985, "log2026b": 2_620_000_000}
# DigiCert announced 10 requests/s; one client was refused above 0.15 to 0.18.
OBSERVED_PER_SECOND = {"digicert.com": 0.165}
FRIENDS = (1, 3, 10, 30, 100)
DAY_SECONDS = 86_400
# An entry of Argon as JSON, before compression.
ENTRY_BYTES = 5947
GOOGLES_ANSWER, LARGE_ANSWER = 32, 256


class Host(NamedTuple):
    """What counts requests together: one client's and all clients' requests a second, and the logs behind it."""

    name: str
    client_per_second: float
    fleet_per_second: float
    logs: list[Log]

    def per_second(self, friends: int) -> float:
        return min(friends * self.client_per_second, self.fleet_per_second)

    def requests(self, sizes: Mapping[str, int]) -> float:
        return sum(sizes[log.name] / log.batch_entries for log in self.logs)

    def days(self, friends: int, sizes: Mapping[str, int]) -> float:
        return self.requests(sizes) / self.per_second(friends) / DAY_SECONDS

    def entries_per_second(self, friends: int, sizes: Mapping[str, int]) -> float:
        return sum(sizes[log.name] for log in self.logs) / self.days(friends, sizes) / DAY_SECONDS


def hosts() -> list[Host]:
    """Every host of bundled logs that still answer: not those that only an archive has, or nobody."""
    found: dict[str, Host] = {}
    for log in bundled():
        operator = operator_named(log.operator)
        if operator is None or log.available_from:
            continue
        policy = host_policy(log.host, operator)
        observed = [rate for domain, rate in OBSERVED_PER_SECOND.items() if log.host.endswith(domain)]
        client_per_second = min([policy.requests_per_second_ceiling, *observed])
        new = Host(log.host, client_per_second, policy.fleet_requests_per_second_ceiling, [])
        found.setdefault(log.host, new).logs.append(log)
    return [*found.values()]


def known_sizes(url: str | None) -> dict[str, int]:
    """Entries by log as far as somebody has said it: this database's heads, or KNOWN_SIZES."""
    if url is None:
        return KNOWN_SIZES
    store = Store(url)
    with store.reading() as session:
        logs = status_document(session)["logs"]
    store.close()
    return {log["name"]: log["tree_size"] for log in logs if log["tree_size"]}


def all_sizes(known: Mapping[str, int]) -> dict[str, int]:
    """Entries by log."""
    unknown = [log.name for log in bundled() if log.name not in known]
    left = max(ALL_ENTRIES - sum(known.values()), 0)
    return {**known, **dict.fromkeys(unknown, left // max(len(unknown), 1))}


def host_table(sizes: Mapping[str, int]) -> str:
    head = ["host", "logs", "million requests", "requests/s: a client", "all", *map(_days, FRIENDS)]
    rows = [
        [
            f"`{host.name}`",
            len(host.logs),
            f"{host.requests(sizes) / 1e6:,.1f}",
            f"{host.client_per_second:g}",
            f"{host.fleet_per_second:g}",
            *(f"{host.days(count, sizes):,.0f}" for count in FRIENDS),
        ]
        for host in hosts()
    ]
    return markdown_table(head, rows)


def log_table(sizes: Mapping[str, int], known: Mapping[str, int]) -> str:
    """Days are those of the log alone: the logs of a host wait for each other."""
    head = ["log", "million entries", "entries an answer", "million requests", *map(_days, FRIENDS)]
    host_of = {log.name: host for host in hosts() for log in host.logs}
    rows = []
    for log in bundled():
        millions, host = sizes[log.name] / 1e6, host_of.get(log.name)
        requests = millions / log.batch_entries
        row = [log.name, f"{millions:,.0f}{'' if log.name in known else ' ?'}", log.batch_entries]
        if host:
            days = [f"{requests * 1e6 / host.per_second(count) / DAY_SECONDS:,.0f}" for count in FRIENDS]
            row += [f"{requests:,.1f}", *days]
        else:
            row += ["zip files" if log.available_from == "archive" else "lost", *["–"] * len(FRIENDS)]
        rows.append(row)
    return markdown_table(head, rows)


def _days(friends: int) -> str:
    return f"days with {friends}" if friends > 1 else "days with one friend"


def fleet_table(sizes: Mapping[str, int]) -> str:
    """What all hosts give at a time, and what that takes of the friends' machines and of the coordinator."""
    head = ["friends", "requests/s", "entries/s", "MB/s as JSON", "cores, all friends", ".jp certificates/s at most"]
    per_core = {size: entries_per_cpu_second(size) for size in (GOOGLES_ANSWER, LARGE_ANSWER)}
    rows = []
    for friends in FRIENDS:
        speeds = [(host, host.entries_per_second(friends, sizes)) for host in hosts()]
        entries = sum(speed for _, speed in speeds)
        cores = sum(speed / per_core[_like(host)] for host, speed in speeds)
        requests = sum(host.per_second(friends) for host in hosts())
        shown = (f"{requests:,.1f}", f"{entries:,.0f}", f"{entries * ENTRY_BYTES / 1e6:,.1f}", f"{cores:.2f}")
        rows.append([friends, *shown, f"{entries * JP_SHARE:,.0f}"])
    return markdown_table(head, rows)


def _like(host: Host) -> int:
    """Which of the measured sizes of an answer is the host's, or below it."""
    smallest = min(log.batch_entries for log in host.logs)
    return LARGE_ANSWER if smallest >= LARGE_ANSWER else GOOGLES_ANSWER


def entries_per_cpu_second(answer: int) -> float:
    """What the table of the collect path in docs/performance.md says."""
    for row in read_table(PAGE, COLLECT):
        if row[:2] == [ALONE, str(answer)]:
            return float(row[3].split()[0].replace(",", ""))
    raise SystemExit(f"{PAGE}: no row of {ALONE!r} at {answer} entries an answer")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", metavar="URL", help="whose tree heads tell the sizes")
    parser.add_argument("--write", action="store_true", help=f"put the tables into {SCALE_PAGE.name}")
    options = parser.parse_args()
    known = known_sizes(options.database)
    sizes = all_sizes(known)
    tables = {
        "scale_hosts": host_table(sizes),
        "scale_fleet": fleet_table(sizes),
        "scale_logs": log_table(sizes, known),
    }
    print("\n\n".join(tables.values()))
    if options.write:
        for marker, table in tables.items():
            write_between_markers(SCALE_PAGE, marker, table)


if __name__ == "__main__":
    main()

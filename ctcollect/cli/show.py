"""``ctcollect status`` and ``ctcollect certificates``."""

from typing import Any

import click

from ctcollect.cli.common import print_json, print_table, ready_store
from ctcollect.cli.log_table import reachability
from ctcollect.search import Criteria, parse_domain
from ctcollect.store.certificate_documents import search_certificates
from ctcollect.store.status import status_document

LOG_COLUMNS = (
    "name", "queue", "reachable", "wanted", "out", "done", "verified", "malformed", "certificates", "sightings",
    "entries_per_second", "eta_seconds", "fault",
)  # fmt: skip
WORKER_COLUMNS = ("name", "friend", "running", "last_seen", "entries", "certificates", "entries_per_second")
CERTIFICATE_COLUMNS = (
    "not_before",
    "not_after",
    "issuer_o",
    "issuer_cn",
    "serial",
    "common_name",
    "names",
    "logs",
)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="The whole status document as JSON.")
def status(as_json: bool) -> None:
    """What is wanted, done and verified, per log and per worker (counts are of entries)."""
    with ready_store().reading() as session:
        document = status_document(session)
    if as_json:
        print_json(document)
    else:
        _print_status(document)


def _print_status(document: dict[str, Any]) -> None:
    shown = [log | _told(log) for log in document["logs"] if log["wanted"] or log["unobtainable"]]
    if shown:
        print_table(LOG_COLUMNS, ([log[name] for name in LOG_COLUMNS] for log in shown))
    if not any(log["wanted"] for log in shown):
        click.echo("nothing is planned yet: 'ctcollect plan NAME --window full' makes a log wanted")
        return
    if document["workers"]:
        print_table(WORKER_COLUMNS, ([worker[name] for name in WORKER_COLUMNS] for worker in document["workers"]))
    totals = document["totals"]
    click.echo(
        f"{totals['done']:,} of {totals['wanted']:,} entries done, {totals['verified']:,} verified, "
        f"{totals['certificates']:,} .jp certificates in {totals['sightings']:,} entries"
    )
    click.echo(_second_opinions(document["second_opinions"]))


def _told(log: dict[str, Any]) -> dict[str, Any]:
    waits = f"waits for {log['waiting_for']}" if log["waiting_for"] else None
    return {"reachable": reachability(log), "fault": log["fault"] or waits}


def _second_opinions(counts: dict[str, Any]) -> str:
    line = f"second opinions: {counts['agreed']:,} agreed, {counts['disagreed']:,} disagreed"
    pending = counts["wanted"] + counts["out"]
    if pending and not counts["possible"]:
        return f"{line}, {pending:,} wait: they need a second friend, and only one is running"
    return f"{line}, {pending:,} are under way"


@click.command()
@click.argument("domain")
@click.option("--json", "as_json", is_flag=True, help="All fields and sightings as JSON.")
def certificates(domain: str, as_json: bool) -> None:
    """The collected certificates for DOMAIN, its sub-domains and wildcards, newest first (at most 1,000)."""
    criteria = Criteria(parse_domain(domain))
    with ready_store().reading() as session:
        found, more = search_certificates(session, criteria)
    if as_json:
        print_json(found)
        return
    for each in found:
        each["names"] = " ".join(each["san_names"][:5]) + (" ..." if len(each["san_names"]) > 5 else "")
        each["logs"] = ", ".join(sorted({sighting["log"] for sighting in each["sightings"]}))
    if found:
        print_table(CERTIFICATE_COLUMNS, ([each[name] for name in CERTIFICATE_COLUMNS] for each in found))
    click.echo(f"{len(found):,} certificates for {domain}" + (", the newest: there are more" if more else ""))

"""``ctcollect report``."""

import os
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ctcollect.cli.common import ready_store
from ctcollect.cli.export import FOLDER, Shown, extra_told
from ctcollect.settings import load

if TYPE_CHECKING:
    from ctcollect.analysis_data import Dataset
    from ctcollect.report.run import Progress

REPORTS = "reports"
# As far as the calendar of holidays and the logs go.
SEASON_YEARS = click.IntRange(2013, 2098)


@click.command()
@click.option("--out", "directory", type=FOLDER, help="A folder that is not there yet, or is empty.")
@click.option("--season", "seasons", type=SEASON_YEARS, multiple=True, help="2023 is December 2023 and January 2024.")
@click.option("--logs", multiple=True, metavar="NAME", help="Only what was seen in these logs, as argon2024.")
@click.option("--lang", "language", type=click.Choice(["en", "ja"]), default="en", show_default=True)
@click.option("--from-export", "exported", type=FOLDER, metavar="DIR", help="An export instead of the database.")
@click.option("--min-domains", type=click.IntRange(1), help="Cells of fewer registered domains are hidden (30).")
@click.option("--processes", type=click.IntRange(1, 64), default=lambda: os.cpu_count() or 1, help="One a core.")
def report(
    directory: Path | None,
    seasons: tuple[int, ...],
    logs: tuple[str, ...],
    language: str,
    exported: Path | None,
    min_domains: int | None,
    processes: int,
) -> None:
    """Write how .jp certificates are renewed: a page with tables and figures, their files, lineages.csv.

    Without --out the report lies in CTCOLLECT_DATA_DIR/reports, in a folder with the date of the data. The fleet may go
    on collecting meanwhile. --season and --logs may be given several times.
    """
    with extra_told():
        from ctcollect import analysis_data
        from ctcollect.report.facts import Choice
        from ctcollect.report.run import Order, make_report

    def opened() -> "AbstractContextManager[Dataset]":
        if exported is not None:
            return analysis_data.open_export(exported, place)
        return analysis_data.open_database(ready_store(), place)

    reports = load().data_dir / REPORTS
    place = directory.parent if directory else reports
    order = Order(Choice(tuple(sorted(set(seasons))), tuple(sorted(set(logs)))), language, min_domains, processes)
    with Shown() as shown:
        made = make_report(opened, directory, reports, order, lambda progress: shown.say(_line(progress)))
    click.echo(f"{made.certificates:,} certificates of {made.lineages:,} name sets: {made.directory / 'index.html'}")


PARTS = {"read": "reads the collection", "analyse": "analyses, pieces", "draw": "draws, tables and figures"}


def _line(progress: "Progress") -> str:
    of_whole = f": {progress.done:,} of {progress.whole:,}" if progress.done else ""
    return PARTS[progress.part] + of_whole

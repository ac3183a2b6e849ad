"""The whole way from a collection to the folder with its report."""

import csv
import json
import shutil
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from ctcollect import __version__
from ctcollect.analysis.rules import Rules, default_rules
from ctcollect.analysis_data import Dataset
from ctcollect.analysis_data.pieces import Pieces, cut
from ctcollect.domains import jp_suffixes_sha256
from ctcollect.errors import DiskUnavailable
from ctcollect.export.files import folder_when_done
from ctcollect.report.exhibit import Exhibit, Source
from ctcollect.report.exhibits.all import Chapter, chapters
from ctcollect.report.facts import Choice, Facts, read_facts
from ctcollect.report.language import Language
from ctcollect.report.lineage_rows import merge_into_csv
from ctcollect.report.page import Shown, render, signature
from ctcollect.report.plots.drawing import picture
from ctcollect.report.recommendations import rules_sha256
from ctcollect.report.work import Findings, analyse_pieces

FIGURES, TABLES, DOCUMENT = "figures", "tables", "report.json"
UNNAMED = "unnamed"
Opened = Callable[[], AbstractContextManager[Dataset]]


class Progress(NamedTuple):
    """``done`` of ``whole`` steps of a part: "read", "analyse" or "draw"."""

    part: str
    done: int
    whole: int


class Order(NamedTuple):
    """What is wanted. ``min_domains``: cells of fewer registered domains are hidden; None is the rules' own."""

    choice: Choice = Choice()
    language: str = "en"
    min_domains: int | None = None
    processes: int = 1


class Made(NamedTuple):
    """``directory`` holds the report of ``lineages`` name sets."""

    directory: Path
    lineages: int
    certificates: int


def make_report(
    opened: Opened, directory: Path | None, reports: Path, order: Order, report: Callable[[Progress], None]
) -> Made:
    """Write the report into ``directory``, new or empty, or else into a folder named by the data's date in ``reports``.

    The latter replaces an older report of the same data. ConfigurationError for a folder or a choice that can't be;
    DiskUnavailable. On any error, and on Ctrl+C, nothing is left.
    """
    rules = _rules(order)
    target = directory or _unnamed(reports)
    with folder_when_done(target) as partial, TemporaryDirectory(prefix="ctcollect-", dir=partial.parent) as name:
        report(Progress("read", 0, 1))
        with opened() as dataset:
            facts = read_facts(dataset, order.choice)
            pieces = cut(dataset, Path(name), order.choice.issued)
        facts = replace(facts, certificates=pieces.certificates)
        lineages = _fill(partial, Path(name), facts, pieces, rules, order, report)
    if directory is None:
        target = _named(target, reports / facts.data_date)
    return Made(target, lineages, facts.certificates)


def _rules(order: Order) -> Rules:
    rules = default_rules()
    if order.min_domains is None:
        return rules
    return replace(rules, statistics=replace(rules.statistics, min_domains=order.min_domains))


def _unnamed(reports: Path) -> Path:
    """A report has no name before its data's date is known; one that was killed between is in nobody's way."""
    shutil.rmtree(reports / UNNAMED, ignore_errors=True)
    return reports / UNNAMED


def _named(made: Path, target: Path) -> Path:
    """The finished report at its place; an older one of the same day goes."""
    old = target.with_name(f"{target.name}.old")
    try:
        if (target / DOCUMENT).is_file():
            shutil.rmtree(old, ignore_errors=True)
            target.rename(old)
        made.rename(target)
    except OSError as error:
        raise DiskUnavailable(
            f"the report is whole and lies in {made}, but not in {target}: {error.strerror}"
        ) from None
    shutil.rmtree(old, ignore_errors=True)
    return target


def _fill(
    partial: Path,
    folder: Path,
    facts: Facts,
    pieces: Pieces,
    rules: Rules,
    order: Order,
    report: Callable[[Progress], None],
) -> int:
    """Everything into the folder; how many name sets there are."""

    def tell(done: int, whole: int) -> None:
        report(Progress("analyse", done, whole))

    found, row_files = analyse_pieces(pieces, facts.coverage(rules), rules, folder, order.processes, tell)
    lineages = merge_into_csv(row_files, partial / "lineages.csv")
    source = Source(found.aggregates, facts, found.sightings, rules, Language(order.language))
    shown = _draw_all(partial, source, report)
    title = source.say("How .jp certificates are renewed")
    page = render(source, title, shown, __version__)
    (partial / "index.html").write_text(page, encoding="utf-8")
    document = _document(source, title, found, [each.exhibit for _, exhibits in shown for each in exhibits], order)
    (partial / DOCUMENT).write_text(document, encoding="utf-8")
    return lineages


def _draw_all(partial: Path, source: Source, report: Callable[[Progress], None]) -> list[tuple[Chapter, list[Shown]]]:
    """Each chapter with its exhibits, whose files are written."""
    all_chapters = chapters(source.say)
    whole, done, shown = sum(len(each.makers) for each in all_chapters), 0, []
    for chapter in all_chapters:
        of_chapter = []
        for make in chapter.makers:
            of_chapter.append(_written(partial, source, make(source)))
            done += 1
            report(Progress("draw", done, whole))
        shown.append((chapter, of_chapter))
    return shown


def _written(partial: Path, source: Source, exhibit: Exhibit) -> Shown:
    line = signature(exhibit, source)
    place = FIGURES if exhibit.is_figure else TABLES
    path = partial / place / exhibit.file_name
    path.parent.mkdir(exist_ok=True)
    _write_csv(path.with_suffix(".csv"), exhibit)
    svg = None
    if exhibit.is_figure:
        svg, png = picture(exhibit, source.say, line)
        path.with_suffix(".svg").write_bytes(svg)
        path.with_suffix(".png").write_bytes(png)
    return Shown(exhibit, line, place, svg)


def _write_csv(path: Path, exhibit: Exhibit) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(exhibit.columns)
        writer.writerows(exhibit.rows)


def _document(source: Source, title: str, found: Findings, exhibits: Sequence[Exhibit], order: Order) -> str:
    """report.json: what the page is, for programs; ``made_at`` is the data's time, for no clock is looked at."""
    facts = source.facts
    as_of = facts.data_as_of.strftime("%Y-%m-%dT%H:%M:%SZ") if facts.data_as_of else None
    document: dict[str, Any] = {
        "title": title,
        "version": __version__,
        "language": order.language,
        "data_as_of": as_of,
        "made_at": as_of,
        "rules_sha256": source.rules.sha256,
        "recommendations_sha256": rules_sha256(),
        "public_suffixes_sha256": jp_suffixes_sha256(),
        "min_domains": source.rules.statistics.min_domains,
        "seasons": list(facts.choice.seasons),
        "logs": list(facts.choice.logs),
        "coverage": found.aggregates.coverage.flag(),
        "certificates": facts.certificates,
        "entries": {"wanted": facts.wanted_entries, "verified": facts.verified_entries},
        "counts": dict(sorted(found.aggregates.tally().counts().items())),
        "refused": dict(sorted(found.aggregates.refused.items())),
        "exhibits": [_described(each) for each in exhibits],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _described(exhibit: Exhibit) -> dict[str, Any]:
    place = FIGURES if exhibit.is_figure else TABLES
    kinds = ("csv", "svg", "png") if exhibit.is_figure else ("csv",)
    return {
        "id": exhibit.id,
        "title": exhibit.title,
        "n": exhibit.n,
        "coverage": exhibit.coverage,
        "missing": exhibit.missing,
        "files": [f"{place}/{exhibit.file_name}.{kind}" for kind in kinds],
    }

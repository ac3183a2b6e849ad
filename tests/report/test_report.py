"""From tables with a known truth to the page, its figures and lineages.csv."""

import hashlib
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from ctcollect.analysis_data import open_export, pieces
from ctcollect.export import export
from ctcollect.report import run
from ctcollect.report.exhibit import Source
from ctcollect.report.facts import Choice
from ctcollect.report.language import Language
from ctcollect.report.lineage_rows import COLUMNS
from ctcollect.report.plots.drawing import picture
from ctcollect.report.run import Order, make_report
from tests.analysis.making import certificate, tokyo
from tests.report.collection import KNOWN, SEASONS, certbot, in_domain
from tests.report.conftest import COPIES, Report, filled, reported
from tests.report.reading import Page, document_of, rows_of

COUNTS = ("late", "long_late", "lapses", "covered_lapses", "suspect_missing", "early_reissues", "ca_switches")
CORE = ["T1", "T2", "T3", "T4", "T5", "T6", "T8", "F1", "F2", "F3", "F4", "F6", "F7", "F8", "F10", "F11", "N1"]


def files_of(folder: Path) -> dict[str, str]:
    """The SHA-256 of each file."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def estimate(folder: Path, table: str, measure: str, group: str = "all") -> dict[str, Any]:
    """A row of a table's CSV."""
    (row,) = [
        row
        for row in rows_of(folder / "tables" / table)
        if (row["measure"], row["group"], row["season"]) == (measure, group, "")
    ]
    return row


@pytest.mark.parametrize("scenario", KNOWN)
def test_lineages(report: Report, scenario: str) -> None:
    """Each scenario has its class and its incidents in lineages.csv, and no other."""
    known = KNOWN[scenario]
    rows = [row for row in rows_of(report.folder / "lineages.csv") if row["registered_domain"].startswith(scenario)]
    assert len(rows) == known.name_sets * COPIES
    of_first = [row for row in rows if row["registered_domain"] == f"{scenario}0.co.jp"]
    newest = max(of_first, key=lambda row: row["renewals"])
    assert newest["automation_class"] == known.automation_class
    for column in COUNTS:
        assert sum(row[column] for row in of_first) == known.counts.get(column, 0), column
    assert all(row["organisation_type"] == "co" and row["censored"] == 0 for row in rows)


def test_lineages_csv_is_sorted_and_complete(report: Report) -> None:
    """The columns as published, in order of the names, every certificate in one row."""
    head = (report.folder / "lineages.csv").read_text().splitlines()[0]
    rows = rows_of(report.folder / "lineages.csv")
    assert head == ",".join(COLUMNS)
    assert [row["names"] for row in rows] == sorted(row["names"] for row in rows)
    assert sum(row["certificates"] for row in rows) == document_of(report.folder)["certificates"]
    (certbot_row,) = [row for row in rows if row["registered_domain"] == "certbot0.co.jp"]
    assert (certbot_row["certificates"], certbot_row["renewals"], certbot_row["parallel_degree"]) == (12, 11, 1)
    assert 60 <= certbot_row["median_interval_days"] <= 60.5
    assert certbot_row["median_lead_days"] == pytest.approx(90 - certbot_row["median_interval_days"], abs=0.01)


def test_tables_agree_with_the_lineages(report: Report) -> None:
    """Counts and numerators of the tables are sums of lineages.csv; the page shows the same figures."""
    rows = rows_of(report.folder / "lineages.csv")
    classes = Counter(row["automation_class"] for row in rows)
    for name, count in classes.items():
        assert estimate(report.folder, "T6-classes.csv", f"class_{name}")["numerator"] == count
    columns = {"gap_late": "late", "gap_lapse": "lapses", "gap_suspect_missing": "suspect_missing"}
    for measure, column in columns.items():
        assert estimate(report.folder, "T4-gaps.csv", measure)["numerator"] == sum(row[column] for row in rows)
    late = estimate(report.folder, "T4-gaps.csv", "late")
    assert late["numerator"] == 2 * COPIES
    assert late["value"] == pytest.approx(late["numerator"] / late["denominator"], abs=1e-6)
    assert late["low"] < late["value"] < late["high"]
    (whole,) = [row for row in rows_of(report.folder / "tables/T2-dataset.csv") if row["group"] == "all"]
    assert (whole["lineages"], whole["domains"]) == (len(rows), len(KNOWN) * COPIES)
    assert whole["sightings"] == 3 * whole["issuances"] == 3 * sum(row["certificates"] for row in rows)
    text = Page(report.folder).sections
    assert f"{late['numerator']:,} / {late['denominator']:,}" in text["T4"]
    assert f"{late['numerator']:,} of {late['denominator']:,}" in text["answers"]


def test_every_core_exhibit_is_there(report: Report) -> None:
    """Each says n, coverage, time zone and date of the data, has its files and, with these data, something to show."""
    document, page = document_of(report.folder), Page(report.folder)
    by_id = {each["id"]: each for each in document["exhibits"]}
    assert set(CORE) <= by_id.keys()
    texts = page.sections
    alts = " ".join(page.values("alt"))
    for name, each in by_id.items():
        line = f"n = {each['n']:,} "
        assert line in (texts[name] + alts), name
        assert all((report.folder / path).is_file() for path in each["files"])
        assert not each["missing"] or name == "T2b", name
    for drawn in report.drawn:
        assert re.fullmatch(
            r"n = [\d,]+ [a-z ]+ · coverage: continuous · time zone: Asia/Tokyo · data of 2030-02-01", drawn.signature
        )


def test_figures_show_their_csv(report: Report) -> None:
    """Drawn again from nothing but its CSV, a figure has the same octets."""
    for drawn in report.drawn:
        exhibit = drawn.exhibit
        path = report.folder / "figures" / f"{exhibit.file_name}.csv"
        read = [list(row.values()) for row in rows_of(path)]
        again = type(exhibit)(
            **{name: getattr(exhibit, name) for name in exhibit.__slots__ if name != "rows"}, rows=read
        )
        assert picture(again, Language("en"), drawn.signature).svg == path.with_suffix(".svg").read_bytes(), exhibit.id


def test_the_page_stands_alone(report: Report) -> None:
    """No script, nothing from elsewhere: pictures are in it, links lead to its own files and sections."""
    page = Page(report.folder)
    names = [tag for tag, _ in page.elements]
    assert {"script", "iframe", "object", "link", "form"}.isdisjoint(names)
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
    assert all(value.startswith("data:image/svg+xml;base64,") for value in page.values("src"))
    assert len(page.values("src")) == names.count("img") == len(report.drawn)
    assert "//" not in re.sub(r"data:[^\"]+", "", (report.folder / "index.html").read_text().replace("</", ""))
    for address in page.values("href"):
        place, _, section = address.partition("#")
        assert (report.folder / place).exists()
        assert not section or section in page.values("id")


def test_recommendations_name_their_figures(report: Report) -> None:
    """Advice for companies follows from the rules, with interval and figure; nothing is said of who is not there."""
    text = Page(report.folder).sections["advice"]
    assert "companies (co.jp)" in text
    assert "government" not in text
    assert re.search(r"R5; 95%: [\d.]+–[\d.]+, n \d+, \d+ domains; F11", text)


def test_the_same_data_make_the_same_octets(report: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From an export instead of the database, in many pieces, by two processes."""
    monkeypatch.setattr(pieces, "ROWS_A_PIECE", 100)
    export(report.store, tmp_path / "export")
    made = make_report(
        lambda: open_export(tmp_path / "export", tmp_path), tmp_path / "again", tmp_path,
        Order(min_domains=1, processes=2), lambda _: None,
    )  # fmt: skip
    assert files_of(made.directory) == files_of(report.folder)


def test_large_domains(report: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read one lineage at a time, a domain gives what it gives when it fits into memory."""
    monkeypatch.setattr(pieces, "LARGE_DOMAIN", 4)
    monkeypatch.setattr(run, "_draw_all", lambda *_: [])
    folder = reported(report.store, tmp_path, Order(min_domains=1))
    assert files_of(folder)["lineages.csv"] == files_of(report.folder)["lineages.csv"]
    assert document_of(folder)["counts"] == document_of(report.folder)["counts"]
    assert Page(folder).sections["answers"] == Page(report.folder).sections["answers"]


def test_one_log_and_one_season(report: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what was seen in that log, and issued then, is counted; the other log's entries are not."""
    sources: list[Source] = []

    def draw_nothing(_partial: Path, source: Source, _report: object) -> list[object]:
        sources.append(source)
        return []

    monkeypatch.setattr(run, "_draw_all", draw_nothing)
    for number, choice in enumerate((Choice(logs=("log-0b",)), Choice(seasons=(2023,), logs=("log-0a",)))):
        (tmp_path / str(number)).mkdir()
        reported(report.store, tmp_path / str(number), Order(choice, min_domains=1))
    second, season = sources
    assert [log.name for log in second.facts.logs] == ["log-0b"]
    # A precertificate and a final certificate of each stand in the second log, in the first one precertificate.
    assert second.sightings["all"] == 2 * second.facts.certificates == 2 * document_of(report.folder)["certificates"]
    assert 0 < season.sightings["all"] == season.facts.certificates < second.facts.certificates
    assert season.aggregates.seasons() == ["2023"]
    assert season.aggregates.coverage.flag() == "seasons"


def test_seasons_only_in_japanese(tmp_path: Path) -> None:
    """Nothing is said of what lies between seasons, whatever the naive way finds; letters are drawn, not boxes.

    Some are a month apart: the intervals that a season shows are not those that there are.
    """
    domains = [f"d{number}.lg.jp" for number in range(31)]
    certificates = [each for domain in domains for each in in_domain(certbot(), domain)]
    monthly = [certificate(tokyo(2023, 12, 5, 3), 90), certificate(tokyo(2024, 1, 5, 3), 90)]
    certificates += [each for number in range(3) for each in in_domain(monthly, f"m{number}.lg.jp")]
    store = filled(tmp_path, certificates, SEASONS)
    folder = reported(store, tmp_path, Order(language="ja", min_domains=3))
    store.close()
    rows = {(row["way"], row["quantity"]): row["value"] for row in rows_of(folder / "figures/N1-naive.csv")}
    assert rows["naive", "late_share"] >= 0.5
    assert rows["naive", "median_interval_days"] == pytest.approx(361, abs=2)
    assert rows["corrected", "late_share"] is rows["corrected", "median_interval_days"] is None
    assert document_of(folder)["coverage"] == "seasons"
    assert sum(row["censored"] for row in rows_of(folder / "lineages.csv")) >= len(domains)
    assert {row["automation_class"] for row in rows_of(folder / "lineages.csv")} == {"insufficient"}
    page = Page(folder)
    assert ("html", {"lang": "ja"}) in page.elements
    assert "季節だけ" in page.sections["T4"]
    assert "地方公共団体 (lg.jp)" in page.sections["T2"]

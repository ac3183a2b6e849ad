"""What can't be said is said in words: no crash, no empty plot, one line for a wrong order."""

import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from ctcollect.analysis.coverage import TimeSpan
from ctcollect.analysis.issuance import Issuance
from ctcollect.export import export
from ctcollect.report.run import Order
from tests.analysis.making import certificate, jp_domains, tokyo
from tests.cli.conftest import Result, Run
from tests.report.collection import ALWAYS, certbot, in_domain
from tests.report.conftest import filled, reported
from tests.report.reading import Page, document_of, rows_of

ONE_SEASON = ((tokyo(2023, 12, 1).timestamp(), tokyo(2024, 2, 1).timestamp()),)
MANY_NAMES = tuple(sorted(f"h{number}.n{number % 500:03}.jp" for number in range(10_000)))


def strange() -> list[Issuance]:
    """Dates out of range and the wrong way round, no registered domain, and one certificate that is right."""
    right = certificate(tokyo(2024, 1, 5, 3), 90)
    start, end = right.not_before_s or 0, right.not_after_s or 0
    dates = [(end, start), (0, end), (start, 2**33), (start + 86400 * 10, end), (start, start)]
    made = [
        right._replace(not_before_s=first, not_after_s=last, identity=f"{place:064x}", serial=f"{place:02x}")
        for place, (first, last) in enumerate(dates)
    ]
    return [right, *made, right._replace(names=("co.jp",), identity="f" * 64, serial="ff")]


@pytest.mark.parametrize(
    ("certificates", "verified", "words"),
    [
        ([], (), "holds no certificate"),
        ([certificate(tokyo(2024, 1, 5, 3), 90)], ALWAYS, "fewer than 30 registered domains"),
        (certbot(), (), "no part of a log was verified"),
        (certbot()[5:7], ONE_SEASON, "only seasons were collected"),
    ],
    ids=["nothing", "one certificate", "nothing verified", "one season"],
)
def test_too_little(certificates: Sequence[Issuance], verified: Sequence[TimeSpan], words: str, tmp_path: Path) -> None:
    """Every exhibit and every answer says why it is empty, in the words of the first reason that holds."""
    store = filled(tmp_path, certificates, verified)
    folder = reported(store, tmp_path, Order())
    store.close()
    page, document = Page(folder), document_of(folder)
    assert words in page.sections["answers"]
    empty = {each["id"] for each in document["exhibits"] if each["missing"]}
    assert {"T3", "T4", "T6", "T8", "F3", "F4", "F6", "F8", "F11", "N1"} <= empty
    assert all(each["missing"] or each["n"] for each in document["exhibits"] if each["id"] != "T1")
    assert len(rows_of(folder / "lineages.csv")) == len({each.names for each in certificates})


def test_certificates_that_cannot_be_used(tmp_path: Path) -> None:
    """Each is counted by its reason and enters no name set; one second is a validity."""
    store = filled(tmp_path, strange())
    folder = reported(store, tmp_path, Order())
    store.close()
    assert document_of(folder)["refused"] == {
        "date_out_of_range": 2,
        "no_registered_domain": 1,
        "not_after_before_not_before": 1,
        "not_before_in_the_future": 1,
    }
    (row,) = rows_of(folder / "lineages.csv")
    assert row["certificates"] == 2
    assert "it ends before it begins" in Page(folder).sections["T2b"]


def test_ten_thousand_names(tmp_path: Path) -> None:
    """A certificate for all of them is one row and one issuance, however many domains it belongs to."""
    made = [
        certificate(tokyo(2024, month, 5, 3), 90)._replace(
            names=MANY_NAMES, registered_domains=jp_domains(MANY_NAMES), identity=f"{month:064x}", serial=f"{month:02x}"
        )
        for month in (1, 3)
    ]
    store = filled(tmp_path, made)
    folder = reported(store, tmp_path, Order())
    store.close()
    (row,) = rows_of(folder / "lineages.csv")
    assert row["names"] == " ".join(MANY_NAMES)
    assert row["certificates"] == 2
    (whole,) = [row for row in rows_of(folder / "tables/T2-dataset.csv") if row["group"] == "all"]
    assert (whole["issuances"], whole["lineages"], whole["domains"]) == (2, 1, 500)
    assert whole["sightings"] == 3 * 2


def test_small_groups_are_hidden(tmp_path: Path) -> None:
    """A group of fewer than 30 domains shows their number and nothing else; all together has enough."""
    domains = [f"c{number}.co.jp" for number in range(28)] + ["g1.go.jp", "g2.go.jp"]
    store = filled(tmp_path, [each for domain in domains for each in in_domain(certbot(), domain)])
    folder = reported(store, tmp_path, Order())
    store.close()
    rows = rows_of(folder / "tables/T6-classes.csv")
    shown = {row["group"] for row in rows if row["value"] is not None}
    assert shown == {"all"}
    assert {row["domains"] for row in rows if row["group"] == "organisation:go"} == {2}
    assert "Fewer than 30 registered domains" in Page(folder).sections["advice"]


def test_the_command(run_command: Run, tmp_path: Path) -> None:
    """The report lies under its data's date and replaces an older one; a wrong order is one line and leaves nothing."""
    store = filled(tmp_path, certbot())
    export(store, tmp_path / "export")
    store.close()
    source = ("--from-export", str(tmp_path / "export"))
    first, second = (run_command("report", *source) for _ in range(2))
    folder = tmp_path / "data" / "reports" / "2030-02-01"
    assert (first.status, second.status) == (0, 0), first.err + second.err
    assert first.out == second.out == f"12 certificates of 1 name sets: {folder / 'index.html'}\n"
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]
    assert {"title", "data_as_of", "made_at", "version"} <= document_of(folder).keys()
    for arguments, words in {
        ("--out", str(tmp_path / "export")): "not empty",
        ("--logs", "argon1999"): "has no log argon1999",
        ("--season", "1066"): "1066",
        ("--from-export", str(tmp_path)): "is no export",
        ("--lang", "xx"): "xx",
    }.items():
        _fails(run_command("report", *source, *arguments), words)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ct.sqlite", "data", "export"]


def test_without_the_extra(run_command: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line says what to install."""
    monkeypatch.setitem(sys.modules, "matplotlib_fontja", None)
    for name in [name for name in sys.modules if name.startswith("ctcollect.report")]:
        monkeypatch.delitem(sys.modules, name)
    _fails(run_command("report"), "pip install 'ctcollect[analysis]'")


def _fails(result: Result, words: str) -> None:
    assert (bool(result.status), result.out) == (True, "")
    assert words in result.err
    assert result.err.count("\n") == 1
    assert "Traceback" not in result.err

"""The page of reports, and the reports themselves as files."""

import json
import os
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from ctcollect.settings import Settings
from tests.webapp.reading_html import Page
from tests.webapp.whole_collection import add_report

OLD, NEW = "2026-11-20T00:00:00+00:00", "2026-11-22T15:30:00Z"
POLICY = (
    "default-src 'none'; script-src 'none'; style-src 'unsafe-inline'; connect-src 'none'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
TITLE = "Renewals <b>of .jp</b>"


@pytest.fixture
def settings(sqlite_url: str, tmp_path: Path) -> Settings:
    """Reports need no database."""
    return Settings(database_url=sqlite_url, data_dir=tmp_path / "data")


@pytest.fixture
def folder(settings: Settings) -> Path:
    """The newer of two reports."""
    add_report(settings.data_dir, "a", TITLE, OLD)
    return add_report(settings.data_dir, "b 2", TITLE, NEW)


def test_without_a_report_the_page_names_the_command(client: FlaskClient) -> None:
    """Calmly, and without the folder's place on the machine."""
    text = Page(client.get("/reports").text).visible_text
    assert 'ctcollect report --out "$CTCOLLECT_DATA_DIR/reports/NAME"' in text


def test_the_newest_report_comes_first(client: FlaskClient, folder: Path) -> None:
    """By the date of the data, which is on show, with its pictures and files; earlier ones below."""
    html = client.get("/reports").text
    page = Page(html)
    assert "Data as of 2026-11-23 00:30" in page.visible_text
    assert page.visible_text.index("2026-11-23 00:30") < page.visible_text.index("2026-11-20 09:00")
    assert {"/reports/b%202/", "/reports/b%202/lineages.csv", "/reports/b%202/age.svg", "/reports/a/"} <= set(
        page.links
    )
    assert '<img src="/reports/b%202/age.svg"' in html
    assert "<b>of" not in html


def test_exhibits_of_a_report_are_shown_with_their_titles(client: FlaskClient, folder: Path) -> None:
    """Each picture once, in the report's order and with its title; without those that have nothing to show. All files
    are listed, those in folders too, but for hidden ones."""
    (folder / "figures").mkdir()
    for name in ("F2-b.svg", "F2-b.png", "F10-a.svg", "F3-none.svg", ".hidden"):
        (folder / "figures" / name).write_text("x")
    shown = [("F2 <i>", "F2-b", ""), ("F10", "F10-a", ""), ("F3", "F3-none", "Not shown: too few.")]
    about = json.loads((folder / "report.json").read_text())
    about["exhibits"] = [
        {"title": title, "missing": missing, "files": [f"figures/{name}.png", f"figures/{name}.svg"]}
        for title, name, missing in shown
    ]
    (folder / "report.json").write_text(json.dumps(about))
    html = client.get("/reports").text
    pictures = re.findall(r'<img src="/reports/b%202/([^"]+)" alt="" loading="lazy"><bdi>([^<]+)', html)
    assert pictures == [("figures/F2-b.svg", "F2 &lt;i&gt;"), ("figures/F10-a.svg", "F10")]
    links = Page(html).links
    assert "/reports/b%202/figures/F3-none.svg" in links
    assert not any("hidden" in link for link in links)


@pytest.mark.parametrize("exhibits", [None, 1, [1], [{"title": "x"}], {"a": 1}, [{"missing": "", "files": 3}]])
def test_exhibits_that_are_none_are_left_out(client: FlaskClient, folder: Path, exhibits: object) -> None:
    """A report.json of another kind costs the titles, not the page."""
    about = json.loads((folder / "report.json").read_text()) | {"exhibits": exhibits}
    (folder / "report.json").write_text(json.dumps(about))
    assert "/reports/b%202/age.svg" in Page(client.get("/reports").text).links


def test_a_report_comes_as_it_was_written(client: FlaskClient, folder: Path) -> None:
    """With a policy under which its own styles and pictures work, and no script does."""
    for path, kind in (("", "text/html"), ("lineages.csv", "text/csv"), ("age.svg", "image/svg+xml")):
        with client.get(f"/reports/b 2/{path}") as answer:
            assert (answer.status_code, answer.mimetype) == (200, kind)
            assert answer.data == (folder / (path or "index.html")).read_bytes()
            assert answer.headers["Content-Security-Policy"] == POLICY
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert client.get("/reports/b 2").headers["Location"] == "/reports/b%202/"


@pytest.mark.parametrize(
    "path",
    [
        "/reports/../secret",
        "/reports/a/../../secret",
        "/reports/a/..%2f..%2fsecret",
        "/reports/..%2fsecret",
        "/reports/..%2f/secret",
        "/reports/%2e%2e/secret",
        "/reports/a//secret",
        "/reports/a/.hidden",
        "/reports/.hidden/index.html",
        "/reports/a/none.csv",
        "/reports/none/",
        "/reports/a/\0",
        "/reports/a/" + "x" * 3000,
        "/reports/a/..\\secret",
    ],
)
def test_nothing_else_is_given_away(client: FlaskClient, folder: Path, settings: Settings, path: str) -> None:
    """Neither what lies beside the reports nor what is hidden among them."""
    (settings.data_dir / "secret").write_text("secret-word")
    (settings.data_dir / "reports" / "a" / ".hidden").write_text("secret-word")
    answer = client.get(path, follow_redirects=True)
    assert answer.status_code == 404
    assert "secret-word" not in answer.text


@pytest.mark.parametrize(
    "about", ["", "[]", '{"title": 1}', '{"data_as_of": "x", "made_at": "y", "version": 1, "title": 2}', "\udcff"]
)
def test_what_is_no_report_is_left_out(client: FlaskClient, folder: Path, settings: Settings, about: str) -> None:
    """A folder that is still being written, or holds something else, takes nothing from the others."""
    broken = settings.data_dir / "reports" / "broken"
    broken.mkdir()
    (broken / "index.html").write_text("")
    (broken / "report.json").write_bytes(os.fsencode(about))
    (settings.data_dir / "reports" / "a file").write_text("")
    answer = client.get("/reports")
    assert answer.status_code == 200
    assert "broken" not in answer.text

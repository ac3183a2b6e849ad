"""The API's lists: parts of the status document, filters, pages, CSV."""

import csv
import io
from datetime import date, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from ctcollect.models import Base, CertificateNameRow, CertificateRow
from ctcollect.search import UNREADABLE
from ctcollect.store import Store
from tests.webapp.collection import add_certificate, add_day, add_log, add_small_collection, add_worker
from webapp.api.csv_answers import cell
from webapp.api.daily import PAGING

Rows = list[dict[str, str]]


def table(client: FlaskClient, path: str) -> Rows:
    """The rows of a CSV file, which has CR LF, a name and UTF-8."""
    answer = client.get(path)
    assert (answer.status_code, answer.content_type) == (200, "text/csv; charset=utf-8")
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    assert answer.text.endswith("\r\n")
    return list(csv.DictReader(io.StringIO(answer.text, newline="")))


def pages(client: FlaskClient, path: str) -> list[list[dict[str, object]]]:
    """Each page's rows, as far as the Link headers lead."""
    found = []
    following: str | None = path
    while following:
        answer = client.get(following)
        assert answer.status_code == 200
        found.append(answer.get_json())
        link = answer.headers.get("Link", "")
        assert link == "" or link.endswith('>; rel="next"')
        following = link.partition("<")[2].partition(">")[0] or None
    return found


def test_the_documents_that_are_asked_for_by_name(store: Store, client: FlaskClient) -> None:
    """All logs together, each log, who runs how many workers and has brought how much."""
    add_small_collection(store)
    add_worker(store, "alice@osaka", "xenon2023", entries=100, running=False)
    status = client.get("/api/v1/status").get_json()
    totals = client.get("/api/v1/totals").get_json()
    assert totals == {"as_of": totals["as_of"], **status["totals"]}
    assert client.get("/api/v1/logs").get_json() == status["logs"]
    alice, bob = client.get("/api/v1/friends").get_json()
    assert (alice["name"], alice["workers"], alice["running"]) == ("alice", 2, 1)
    assert (alice["entries"], alice["certificates"], alice["entries_per_second"]) == (5_100, 510, 5_100.0)
    assert (bob["name"], bob["workers"], bob["running"], bob["entries"]) == ("bob", 1, 0, 1_234)


def test_days_are_filtered_and_paged(store: Store, client: FlaskClient) -> None:
    """By log and half-open span of days; pages together are the whole, whatever their size."""
    add_log(store, "a,b")
    add_log(store, "xenon2023")
    days = [date(2024, 1, 30) + timedelta(days=number) for number in range(4)]
    for number, day in enumerate(days):
        add_day(store, day, "a,b", number, 0, 0)
        add_day(store, day, "xenon2023", number, 0, 0)
    every = client.get("/api/v1/daily").get_json()
    assert len(every) == 8
    for limit in (1, 3, 4, 8, 9):
        parts = pages(client, f"/api/v1/daily?limit={limit}")
        assert max(map(len, parts)) <= limit
        assert [row for part in parts for row in part] == every
    chosen = [row for row in every if row["log_name"] == "a,b" and row["day"] in ("2024-01-31", "2024-02-01")]
    filters = "log=a,b&from=2024-01-31&to=2024-02-02"
    assert client.get(f"/api/v1/daily?{filters}").get_json() == chosen
    assert pages(client, f"/api/v1/daily?{filters}&limit=1") == [[row] for row in chosen]
    assert [row["day"] for row in table(client, f"/api/v1/daily.csv?{filters}")] == ["2024-01-31", "2024-02-01"]


def test_certificates_are_paged(store: Store, client: FlaskClient) -> None:
    """Newest first, those of the same day and those without one too, none twice, none left out."""
    add_log(store, "argon2024")
    for number in range(1, 8):
        add_certificate(store, number, f"w{number}.example.jp", "argon2024")
    with store.transaction() as session:
        for number, begin in ((2, None), (5, None), (3, datetime(2024, 1, 6))):
            session.get_one(CertificateRow, number).not_before = begin
            (name,) = session.scalars(select(CertificateNameRow).where(CertificateNameRow.certificate_id == number))
            name.not_before = begin or UNREADABLE
    every = [row["id"] for row in client.get("/api/v1/certificates?domain=example.jp").get_json()]
    assert every == [7, 6, 3, 4, 1, 5, 2]
    for limit in (1, 2, 6):
        parts = pages(client, f"/api/v1/certificates?domain=example.jp&limit={limit}")
        assert [row["id"] for part in parts for row in part] == every
    assert [int(row["id"]) for row in table(client, "/api/v1/certificates.csv?domain=example.jp")] == every


def test_a_table_is_longer_than_any_page(store: Store, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """CSV holds all rows, though the database is asked for as many at a time as a page may hold."""
    first = date(2000, 1, 1)
    for number in range(30):
        add_day(store, first + timedelta(days=number), "argon2024", number, 0, 0)
    monkeypatch.setitem(PAGING[0].schema, "maximum", 7)
    rows = table(client, "/api/v1/daily.csv")
    assert [int(row["entries"]) for row in rows] == list(range(30))
    assert list(rows[0]) == ["day", "log_name", "entries", "uploaded", "registered"]


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "＝"])
def test_no_cell_is_a_formula(sign: str) -> None:
    """What strangers chose begins with a quote where a spreadsheet would compute; numbers and the rest do not."""
    assert cell(f"{sign}1+2") == f"'{sign}1+2"
    assert [cell(value) for value in (f"1{sign}2", -1, None, True, ["=1"])] == [f"1{sign}2", "-1", "", "true", '["=1"]']


def test_hostile_names_stay_in_their_cells(store: Store, client: FlaskClient) -> None:
    """Quotes, commas and line ends within a field are read back to the letter."""
    name, fault = '=1+2"),\r\nx', 'plain, "quoted"\r\ntext'
    add_log(store, name, wanted=32, last_fault=fault)
    (row,) = table(client, "/api/v1/logs.csv")
    assert (row["name"], row["fault"]) == (f"'{name}", fault)
    assert (row["window"], row["paused"], row["state"]) == ("[[0, 32]]", "false", "")


def test_a_table_that_can_not_be_read_to_its_end_does_not_look_whole(
    store: Store, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database goes after the first rows: the connection is cut, as by a network fault, which servers know."""
    for number in range(3):
        add_day(store, date(2024, 1, 1 + number), "argon2024", number, 0, 0)
    monkeypatch.setitem(PAGING[0].schema, "maximum", 1)
    lines = client.get("/api/v1/daily.csv", buffered=False).iter_encoded()
    assert [next(lines)[:4] for _ in range(2)] == [b"day,", b"2024"]
    Base.metadata.drop_all(store.engine)
    with pytest.raises(BrokenPipeError):
        next(lines)

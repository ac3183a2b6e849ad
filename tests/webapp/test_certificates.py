"""The pages about certificates: searching, one of them, a domain's timeline."""

import re
import ssl
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path

import pytest
from cryptography import x509
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from hypothesis import strategies as st
from playwright.sync_api import Browser

from ctcollect.domains import is_jp
from ctcollect.local_log import LocalLog
from ctcollect.models import CertificateRow
from ctcollect.protocol.rfc6962 import EntryType, parse_leaf
from ctcollect.search import FILTERS
from ctcollect.settings import Settings
from ctcollect.store import Store
from tests.browser import DESK, PHONE, visit
from tests.webapp.certificates import add_entries, add_made, made_fields, valid, write_leaf_file
from tests.webapp.collection import add_log
from tests.webapp.conftest import served
from tests.webapp.reading_html import Page

HOSTILE = '<script>alert(1)</script>"\u202egpj.\u200b'
SHOWN = '<script>alert(1)</script>"\\u{202e}gpj.\\u{200b}'
START = datetime(2024, 1, 1)
POISON = x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.4.3")


@pytest.fixture
def settings(sqlite_url: str, tmp_path: Path) -> Settings:
    """Which statements a database gets is held by tests/store: one is enough here."""
    return Settings(database_url=sqlite_url, data_dir=tmp_path)


def add_renewals(store: Store) -> list[int]:
    """Three certificates of a domain: the second overlaps the first, the third comes ten days too late."""
    add_log(store, "argon2024")
    ca = {"issuer_o": "CA", "issuer_cn": "CA 1"}
    starts = (START, START + timedelta(days=80), START + timedelta(days=180))
    return add_made(
        store,
        "argon2024",
        *(made_fields(n, "example.jp", "www.example.jp", **valid(at, 90), **ca) for n, at in enumerate(starts)),
        made_fields(9, "*.other.jp", common_name="*.other.jp", **valid(START, 90)),
    )


def test_searching(store: Store, client: FlaskClient) -> None:
    """Newest first, each once whatever number of its names fits, with its CA and the days of Tokyo."""
    numbers = add_renewals(store)
    page = Page(client.get("/certificates?domain=EXAMPLE.jp.&issuer_o=ca&not_before_to=2024-03-21").text)
    assert page.rows("found") == [
        ["example.jp and 1 more", "CACA 1", "2024-03-21", "2024-06-19", "precertificate only", "example.jp"],
        ["example.jp and 1 more", "CACA 1", "2024-01-01", "2024-03-31", "precertificate only", "example.jp"],
    ]
    assert f"/certificates/{numbers[1]}" in page.links
    assert len(Page(client.get("/certificates").text).rows("found")) == 4
    empty = Page(client.get("/certificates?domain=nothing.jp").text)
    assert "No certificate that was collected is like this." in empty.visible_text


def test_going_on(store: Store, client: FlaskClient) -> None:
    """The pages of an answer hold what one page holds; each links to the next and to the first one."""
    add_renewals(store)
    expected = Page(client.get("/certificates?match=below&domain=").text).rows("found")
    address, rows = "/certificates?limit=3", []
    for _ in range(2):
        page = Page(client.get(address).text)
        rows += page.rows("found")
        address = next((link for link in page.links if "next=" in link and "lang=" not in link), "")
    assert (rows, address) == (expected, "")
    assert Page(client.get("/certificates").text).rows("found") == expected
    assert page.links.count("/certificates") == 2  # the navigation's and the pager's


def test_the_api_pages_with_a_link(store: Store, client: FlaskClient) -> None:
    """The list stays a list; the header Link names the rest, with the same filters."""
    numbers = add_renewals(store)
    found, address = [], "/api/v1/certificates?domain=jp&issuer_cn=ca+1&limit=2"
    while address:
        answer = client.get(address)
        found += [each["id"] for each in answer.get_json()]
        address = answer.headers.get("Link", "").partition(">")[0].strip("<")
    assert found == [numbers[2], numbers[1], numbers[0]]


@given(query=st.dictionaries(st.sampled_from((*FILTERS, "next", "limit", "lang", "strange")), st.text(max_size=30)))
@effort(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_query_breaks_a_page(store: Store, client: FlaskClient, query: dict[str, str]) -> None:
    """200, or 400 with a reason."""
    for path in ("/certificates", "/domains/example.jp"):
        answer = client.get(path, query_string=query)
        assert answer.status_code in (200, 400), answer.text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/certificates?next=x", 400),
        ("/certificates?limit=0", 400),
        ("/certificates?domain=a.jp&domain=b.jp", 400),
        ("/certificates/0", 404),
        ("/certificates/99999999999999999999999", 404),
        ("/certificates/-1", 404),
        ("/certificates/1.pem", 404),
        ("/certificates/1?x=1", 400),
        ("/domains/example.jp?x=1", 400),
        ("/domains/a%20b", 400),
        ("/domains/1.2.3.4", 400),
        ("/domains/example.jp?match=registered", 400),
        ("/domains/nothing.jp", 200),
        ("/domains/co.jp", 200),
        ("/domains/日本語.jp", 308),
    ],
)
def test_addresses_that_lead_nowhere(store: Store, client: FlaskClient, path: str, status: int) -> None:
    """A calm page, and the right status."""
    answer = client.get(path)
    assert answer.status_code == status
    assert "Traceback" not in answer.text


def test_a_certificate_with_all_that_is_known(store: Store, client: FlaskClient, settings: Settings) -> None:
    """Fields, numbers, names, sightings and SCTs with the logs' names; JSON says the same; PEM is the certificate."""
    log = LocalLog.generate("demo", 300, 3, jp_share=0.3)
    wanted = [(e.leaf_input, e.extra_data) for e, truth in zip(log.entries, log.truth, strict=True) if truth.jp_names]
    add_log(store, "demo")
    numbers = add_entries(store, settings.data_dir, "demo", wanted)
    seen = set()
    for number, (leaf_input, _) in zip(numbers, wanted, strict=True):
        leaf = parse_leaf(leaf_input)
        answer = client.get(f"/api/v1/certificates/{number}.pem")
        document = client.get(f"/api/v1/certificates/{number}").get_json()
        der = ssl.PEM_cert_to_DER_cert(answer.text)
        is_final = "precertificate" not in answer.headers["Content-Disposition"]
        assert is_final == document["is_final_seen"]
        if leaf.entry_type == EntryType.X509:
            assert der == leaf.certificate
        seen.add(is_final)
        assert client.get(f"/certificates/{number}").status_code == 200
    assert seen == {True, False}


def test_a_precertificate_is_given_with_its_poison(store: Store, client: FlaskClient, settings: Settings) -> None:
    """Where only the precertificate was seen, page, file name and bytes say so; a file that holds another certificate
    is not believed, and one that is gone is told calmly."""
    log = LocalLog.generate("demo", 300, 3, jp_share=0.3)
    pair = next(
        (entry.leaf_input, entry.extra_data)
        for entry, truth in zip(log.entries, log.truth, strict=True)
        if truth.jp_names and parse_leaf(entry.leaf_input).entry_type == EntryType.PRECERT
    )
    add_log(store, "demo")
    (number,) = add_entries(store, settings.data_dir, "demo", [pair])
    page = Page(client.get(f"/certificates/{number}").text)
    assert "Only the precertificate was seen" in page.visible_text
    assert len(page.rows("sightings")) == 1
    answer = client.get(f"/api/v1/certificates/{number}.pem")
    assert f"precertificate-{number}.pem" in answer.headers["Content-Disposition"]
    certificate = x509.load_pem_x509_certificate(answer.data)
    assert certificate.extensions.get_extension_for_oid(POISON).critical
    assert f"{certificate.serial_number:x}" in page.values("identifiers")["Serial number"]
    file = settings.data_dir / "leaves" / "demo.jsonl.zst"
    other = next(e for e, t in zip(log.entries, log.truth, strict=True) if t.jp_names and e.leaf_input != pair[0])
    write_leaf_file(file, [(other.leaf_input, other.extra_data)])
    assert client.get(f"/api/v1/certificates/{number}.pem").status_code == 404
    file.unlink()
    answer = client.get(f"/api/v1/certificates/{number}.pem")
    assert (answer.status_code, "not on this machine" in answer.text) == (404, True)


def test_scts_are_shown_with_their_logs(store: Store, client: FlaskClient) -> None:
    """A log that is not known here is said to be one, a time beyond the calendar is a dash."""
    add_log(store, "argon2024")
    scts = ((("61726" + "f").ljust(64, "0"), 1_700_000_000_000), ("ab" * 32, 2**63))
    (number,) = add_made(store, "argon2024", made_fields(1, "a.jp", sct_list=scts), entry_type="x509")
    rows = Page(client.get(f"/certificates/{number}").text).rows("scts")
    assert [row[0] for row in rows] == ["a log that is not known here"] * 2
    assert [row[1] for row in rows] == ["2023-11-15 07:13:20", "–"]


def test_a_timeline(store: Store, client: FlaskClient) -> None:
    """Bars, the gap and the overlap are drawn and stand in tables; a name is also covered by its wildcard."""
    add_renewals(store)
    text = client.get("/domains/example.jp").text
    page = Page(text)
    assert page.rows("gaps") == [["2024-06-19 09:00", "2024-06-29 09:00", "10 d 0 h"]]
    assert page.rows("overlaps") == [["2024-03-21 09:00", "2024-03-31 09:00", "10 d 0 h", "2"]]
    assert [row[2] for row in page.rows("bars")] == ["2024-06-29 09:00", "2024-03-21 09:00", "2024-01-01 09:00"]
    assert len(re.findall(r'<rect class="series-0"', text)) == 3
    assert len(re.findall(r'<rect class="gap"', text)) == len(re.findall(r'<rect class="overlap"', text)) == 1
    covered = client.get("/api/v1/domains/www.other.jp").get_json()
    assert (covered["match"], [bar["common_name"] for bar in covered["bars"]]) == ("exact", ["*.other.jp"])
    assert client.get("/api/v1/domains/example.jp?match=below").get_json()["bars"][0]["lane"] == 0


def test_a_certificate_without_an_end(store: Store, client: FlaskClient) -> None:
    """The last second of the year 9999, RFC 5280's time for no end, is shown and drawn; it makes no gap, and leaves the
    others their place on the axis."""
    add_log(store, "argon2024")
    endless = {"not_before": START, "not_after": datetime(9999, 12, 31, 23, 59, 59)}
    made = [made_fields(1, "ever.jp", **endless), made_fields(2, "ever.jp", **valid(START, 90))]
    made.append(made_fields(3, "odd.jp", not_before=endless["not_after"], not_after=endless["not_after"]))
    numbers = add_made(store, "argon2024", *made)
    assert "9999-12-31" in [row[3] for row in Page(client.get("/certificates?domain=ever.jp").text).rows("found")]
    fields = Page(client.get(f"/certificates/{numbers[0]}").text).values("fields")
    assert fields["Valid until"] == "9999-12-31 23:59:59"
    text = client.get("/domains/ever.jp").text
    assert Page(text).rows("overlaps")[0][:2] == ["2024-01-01 09:00", "2024-03-31 09:00"]
    assert 'id="gaps"' not in text
    widths = sorted(float(width) for width in re.findall(r'<rect class="series-0" [^>]*? width="([\d.]+)"', text))
    assert widths[0] > 10
    assert client.get("/domains/odd.jp").status_code == 200


def test_a_timeline_is_bounded(store: Store, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest ones, and a word that there are more; impossible dates have no bar and are counted."""
    monkeypatch.setattr("ctcollect.store.domain_timeline.MOST_BARS", 3)
    add_log(store, "argon2024")
    made = [made_fields(n, "many.jp", **valid(START + timedelta(days=n), 90)) for n in range(5)]
    made += [made_fields(9, "odd.jp"), made_fields(10, "odd.jp", **valid(START, -5))]
    add_made(store, "argon2024", *made)
    page = Page(client.get("/domains/many.jp").text)
    assert len(page.rows("bars")) == 3
    assert "there are more" in page.visible_text
    monkeypatch.setattr(import_module("webapp.pages.domains"), "ROWS_SHOWN", 2)
    page = Page(client.get("/domains/many.jp").text)
    assert (len(page.rows("bars")), "The newest 2 of 3." in page.visible_text) == (2, True)
    assert "2 certificates have no dates that can be drawn." in Page(client.get("/domains/odd.jp").text).visible_text


def add_hostile(store: Store) -> list[int]:
    """A certificate whose every text is hostile, and one with 10,000 names."""
    add_log(store, HOSTILE)
    texts = ("issuer_dn", "issuer_cn", "issuer_o", "subject_dn", "common_name", "organization", "key_type")
    hostile = made_fields(1, "bad.jp", **valid(START, 90), **dict.fromkeys(texts, HOSTILE), faults=(HOSTILE,))
    many = made_fields(2, *(f"n{n}.bad.jp" for n in range(10_000)), **valid(START, 30))
    numbers = add_made(store, HOSTILE, hostile, many)
    with store.transaction() as session:
        session.get_one(CertificateRow, numbers[0]).san_names = [
            "bad.jp",
            HOSTILE,
            "javascript:alert(1).jp",
            "x" * 10**6,
        ]
    return numbers


def test_hostile_texts_are_only_text(store: Store, client: FlaskClient) -> None:
    """On every page: tags are escaped, signs that turn or hide text written out, no link but to this site."""
    numbers = add_hostile(store)
    for path in ("/certificates", f"/certificates/{numbers[0]}", "/domains/bad.jp"):
        text = client.get(path).text
        assert "<script>alert" not in text
        assert not re.search("[\u200b\u202e]", text)
        assert SHOWN in Page(text).visible_text
        assert all(link.startswith(("/", "#")) for link in Page(text).links)
        assert len(text) < 200_000
    assert len(client.get(f"/api/v1/certificates/{numbers[1]}").get_json()["san_names"]) == 10_000


def test_chromium_accepts_the_pages(store: Store, app: Flask, browser: Browser) -> None:
    """On a phone and on a desk, light and dark, in both languages: nothing to complain of, nothing asked elsewhere,
    nothing wider than the screen, no violation that axe can tell."""
    hostile, many = add_hostile(store)
    add_renewals(store)
    on_phone = (f"/certificates/{hostile}", "/domains/example.jp", "/domains/bad.jp", "/certificates?domain=none.jp")
    on_desk = (f"/certificates/{many}", "/certificates", "/domains/example.jp")
    looks = ((PHONE, "dark", "ja-JP", on_phone), (DESK, "light", "en-GB", on_desk))
    with served(app) as address:
        for size, scheme, locale, paths in looks:
            with visit(browser, "about:blank", size, scheme, locale) as seen:
                for path in paths:
                    seen.go(address + path, size, scheme)
                    found = (seen.complaints, seen.strangers, seen.too_wide(), seen.violations())
                    assert found == ([], [], 0, []), (path, locale)


def test_the_form_asks_what_was_filled_in(store: Store, app: Flask, browser: Browser) -> None:
    """Without any script: a domain in Japanese letters and a kind of domain lead to the certificate."""
    add_log(store, "argon2024")
    assert is_jp("xn--wgv71a119e.jp")
    add_made(store, "argon2024", made_fields(1, "xn--wgv71a119e.jp", **valid(START, 90)), made_fields(2, "b.co.jp"))
    with served(app) as address, visit(browser, f"{address}/certificates") as seen:
        seen.page.get_by_label("Domain", exact=True).fill(" 日本語．ｊｐ ")
        seen.page.get_by_label("Kind of domain").select_option("general")
        seen.page.get_by_role("button", name="Search").click()
        seen.page.wait_for_load_state()
        assert [row[0] for row in Page(seen.page.content()).rows("found")] == ["xn--wgv71a119e.jp"]
        assert seen.page.get_by_label("Domain", exact=True).input_value() == "日本語．ｊｐ"

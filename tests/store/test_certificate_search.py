"""Searching certificates: whatever is asked, in whatever way the search takes, the answer is that of looking at all."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, text

from ctcollect.certificate import CertificateFields
from ctcollect.domains import organisation_type, registered_domain
from ctcollect.search import ALWAYS, BELOW, EXACT, MATCHES, REGISTERED, UNREADABLE, Criteria, Period, Place, text_key
from ctcollect.store import Found, Session, Store, certificate_search, certificate_streams, schema
from ctcollect.store.certificate_search import find_certificates
from ctcollect.store.certificates import put_certificates
from ctcollect.store.reading import Seen

CERTIFICATES = 250
DOMAINS = ("example.jp", "ex-ample.jp", "shop.co.jp", "kyoto-u.ac.jp", "x.tokyo.jp", "city.chiyoda.tokyo.jp", "a.lg.jp")
HOSTS = ("", "www.", "*.", "a.b.", "b.")
AUTHORITIES = (("Let's Encrypt", "R3"), ("Let's Encrypt", "E5"), ("SECOM", "R3"), (None, None))
QUESTIONED = ("jp", "co.jp", "tokyo.jp", "nothing.jp", "b.example.jp", "*.shop.co.jp", *DOMAINS)
START = datetime(2023, 1, 1)


@dataclass(frozen=True)
class Known:
    """A certificate as the test knows it; ``place`` is where it stands in every answer."""

    place: Place
    fields: CertificateFields


def made_fields(number: int, chance: random.Random) -> CertificateFields:
    """A certificate with one to four names; many begin at the same second, some have unreadable dates."""
    names = sorted({chance.choice(HOSTS) + chance.choice(DOMAINS) for _ in range(chance.randint(1, 4))})
    issuer_o, issuer_cn = chance.choice(AUTHORITIES)
    not_before = START + timedelta(days=chance.randint(0, 40)) if chance.random() > 0.05 else None
    not_after = (not_before or START) + timedelta(days=chance.choice((5, 90, -40))) if chance.random() > 0.05 else None
    values: dict[str, Any] = dict.fromkeys(CertificateFields.__dataclass_fields__)
    values |= {"serial": f"{number:04x}", "spki_hash": "0" * 64, "tbs_hash": f"{number:064x}", "policy_oids": ()}
    values |= {"sct_list": (), "san_names": tuple(names), "names": tuple(names), "jp_names": tuple(names), "faults": ()}
    values |= {"issuer_o": issuer_o, "issuer_cn": issuer_cn, "not_before": not_before, "not_after": not_after}
    return CertificateFields(**values)


@pytest.fixture(scope="module", params=["sqlite", "mysql"])
def filled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, Any]]:
    """A database with CERTIFICATES certificates, recorded as always, and what is in it."""
    if request.param == "mysql":
        server = request.getfixturevalue("mariadb_server")
        store = Store(server.create_database("certificate_search"))
    else:
        store = Store(f"sqlite:///{tmp_path_factory.mktemp('search')}/ct.sqlite")
    schema.upgrade(store)
    chance = random.Random(6)
    found = [Found(n, START, "precert", made_fields(n, chance)) for n in range(CERTIFICATES)]
    with store.transaction() as session:
        ids, _ = put_certificates(session, [Seen("ab" * 32, each) for each in found], START)
    known = [Known(Place(e.fields.not_before or UNREADABLE, ids[e.fields.identity]), e.fields) for e in found]
    yield store, sorted(known, key=lambda each: each.place, reverse=True)
    store.close()
    if request.param == "mysql":
        server.drop_database("certificate_search")


def is_wanted(known: Known, asked: Criteria) -> bool:
    """The criteria read out: one of the names, and the certificate."""
    fields = known.fields
    return (
        any(is_name_wanted(name, asked) for name in fields.jp_names)
        and (asked.issuer_o is None or text_key(fields.issuer_o) == text_key(asked.issuer_o))
        and (asked.issuer_cn is None or text_key(fields.issuer_cn) == text_key(asked.issuer_cn))
        and is_within(fields.not_before, asked.not_before)
        and is_within(fields.not_after, asked.not_after)
        and (fields.not_before or UNREADABLE) < (asked.not_after.end or datetime.max)
    )


def is_name_wanted(name: str, asked: Criteria) -> bool:
    if asked.organisation_type and organisation_type(name) != asked.organisation_type:
        return False
    if asked.domain is None or (asked.match == REGISTERED and registered_domain(name) == asked.domain):
        return True
    return name == asked.domain or (asked.match == BELOW and name.endswith(f".{asked.domain}"))


def is_within(moment: datetime | None, period: Period) -> bool:
    if period == ALWAYS:
        return True
    return bool(moment and (period.start or moment) <= moment and (period.end is None or moment < period.end))


def some_criteria(chance: random.Random) -> Criteria:
    """Any mixture; few criteria more often than many."""

    def perhaps(value: Any, otherwise: Any = None) -> Any:
        return value if chance.random() < 0.35 else otherwise

    match = chance.choice(MATCHES)
    start = START + timedelta(days=chance.randint(-5, 60))
    end = start + timedelta(days=chance.randint(1, 60))
    period = chance.choice((Period(start), Period(start, end), Period(None, end)))
    return Criteria(
        domain=perhaps(chance.choice(DOMAINS if match == REGISTERED else QUESTIONED)),
        match=match,
        organisation_type=perhaps(chance.choice(("co", "general", "local_gov", "ed"))),
        issuer_o=perhaps(chance.choice(("let's encrypt", "SECOM", "nobody"))),
        issuer_cn=perhaps(chance.choice(("R3", "E5"))),
        not_before=perhaps(period, ALWAYS),
        not_after=perhaps(period, ALWAYS),
    )


def all_pages(session: Session, asked: Criteria, limit: int) -> list[int]:
    """Every page of an answer, one after the other; each begins after the last."""
    numbers: list[int] = []
    after: Place | None = None
    while True:
        page = find_certificates(session, asked, limit, after)
        assert len(page.numbers) <= limit
        numbers += page.numbers
        if page.next is None:
            return numbers
        assert after is None or page.next < after
        after = page.next


@pytest.mark.parametrize("rows", [None, 20, 1], ids=["as it is", "with stretches", "a row at a time"])
def test_every_answer_is_that_of_looking_at_all(
    filled: tuple[Store, list[Known]], monkeypatch: pytest.MonkeyPatch, rows: int | None
) -> None:
    """Any mixture of criteria, page by page: each certificate once, the newest first, none missing, none too many."""
    store, known = filled
    if rows:
        monkeypatch.setattr(certificate_search, "FEW_ROWS", 0)
        monkeypatch.setattr(certificate_search, "EXAMINED_ROWS", rows * 12)
        monkeypatch.setattr(certificate_streams, "FIRST_STRETCH", 1)
    chance = random.Random(rows or 0)
    hits = 0
    with store.reading() as session:
        for _ in range(25 if rows != 1 else 5):
            asked = some_criteria(chance)
            expected = [each.place.certificate_id for each in known if is_wanted(each, asked)]
            assert all_pages(session, asked, chance.choice((3, 50, 1000))) == expected, asked
            hits += bool(expected)
    assert hits > 1


def test_a_search_reads_a_bounded_number_of_rows_through_its_index(filled: tuple[Store, list[Known]]) -> None:
    """MariaDB scans no table and sorts no index for what an index alone answers; a page of ten reads some ten rows."""
    store, _ = filled
    if store.is_sqlite:
        pytest.skip("SQLite chooses for itself")
    statements: list[str] = []
    event.listen(
        store.engine, "before_cursor_execute", lambda _c, cursor, s, p, *_: statements.append(cursor.mogrify(s, p))
    )
    questions = [
        Criteria(),
        Criteria("example.jp"),
        Criteria("www.example.jp", EXACT),
        Criteria(organisation_type="co", issuer_o="Let's Encrypt"),
        Criteria(issuer_cn="R3", not_before=Period(START, START + timedelta(days=20))),
    ]
    with store.reading() as session:
        for asked in questions:
            find_certificates(session, asked, 10)
        plans = [
            plan
            for statement in tuple(statements)
            for plan in session.execute(text("EXPLAIN " + statement.replace(":", "\\:"))).mappings()
            if plan["table"] == "certificate_names"
        ]
    assert len(plans) > 12 + len(questions)  # without a type, one for each
    for plan in plans:
        assert plan["type"] in ("ref", "range"), plan
        assert str(plan["key"]).startswith("ix_certificate_names_by_")
        assert {"Using filesort", "Using temporary"}.isdisjoint(plan["Extra"].split("; ")), plan

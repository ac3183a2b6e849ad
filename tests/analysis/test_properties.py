"""What must never change a result, and input that no CA should have made."""

import random
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctcollect.analysis.coverage import Coverage, LogCoverage
from ctcollect.analysis.domain import analyse_domain
from ctcollect.analysis.issuance import Issuance, unique
from ctcollect.analysis.japan_days import day_at
from tests.analysis import scenarios
from tests.analysis.making import ALWAYS, RULES, analyse, certificate, jp_domains, tokyo

WORLDS = {
    "certbot": scenarios.cron(tokyo(2023, 1, 10, 22), 12),
    **{
        make.__name__: make()
        for make in (
            scenarios.late_person,
            scenarios.lets_encrypt_by_hand,
            scenarios.content_delivery_network,
            scenarios.added_name,
            scenarios.replaced_by_wildcard,
            scenarios.revoked_by_the_ca,
            scenarios.three_servers,
            scenarios.broken_cron,
            scenarios.missing_record,
        )
    },
}
worlds = st.sampled_from(sorted(WORLDS))


@given(worlds, st.randoms())
@settings(max_examples=40, deadline=None)
def test_neither_order_nor_duplicates_nor_logs_show(name: str, chance: random.Random) -> None:
    """In any order, and with each log's record of a certificate apart, the results are the same."""
    certificates = WORLDS[name]
    by_log = [each._replace(log_ids=(log,)) for each in certificates for log in each.log_ids]
    shuffled = [*by_log, *certificates]
    chance.shuffle(shuffled)
    assert analyse(shuffled) == analyse(certificates)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 9)), min_size=1, max_size=6), st.randoms())
@settings(max_examples=25, deadline=None)
def test_the_order_of_shards_does_not_show(spans: list[tuple[int, int]], chance: random.Random) -> None:
    """Logs and their verified spans, in any order and overlapping, are the same coverage."""
    logs = [
        LogCoverage(f"log-{number}", 1e8 * first, 1e8 * (first + 3), ((1e8 * first, 1e8 * (first + length)),))
        for number, (first, length) in enumerate(spans)
    ]
    shuffled = list(logs)
    chance.shuffle(shuffled)
    one, other = Coverage(logs, RULES), Coverage(shuffled, RULES)
    for days in (6, 90, 397):
        assert one.spans_for(days) == other.spans_for(days)
    assert one.log_ids == other.log_ids


def moved(certificates: list[Issuance], weeks: int) -> list[Issuance]:
    """The same certificates so many weeks later."""
    shift_s = weeks * 7 * 86400
    return [
        each._replace(
            not_before_s=(each.not_before_s or 0) + shift_s,
            not_after_s=(each.not_after_s or 0) + shift_s,
            issued_at_s=(each.issued_at_s or 0) + shift_s,
        )
        for each in certificates
    ]


def is_away_from_holidays(certificates: list[Issuance]) -> bool:
    """Whether none was issued on a holiday that is not a weekend's day anyway."""
    days = [day_at(each.issued_at_s or 0) for each in certificates]
    return not any((each.is_national_holiday or each.is_nenmatsu) and not each.is_weekend for each in days)


@pytest.mark.parametrize("name", ["certbot", "lets_encrypt_by_hand", "three_servers"])
def test_whole_weeks_do_not_show(name: str) -> None:
    """Away from holidays the index depends on the day of the week and the hour, not on the date."""
    shifted = [moved(WORLDS[name], weeks) for weeks in range(-40, 60)]
    found = {analyse(each)[0].automation for each in shifted if is_away_from_holidays(each)}
    assert sum(map(is_away_from_holidays, shifted)) > 1
    assert len(found) == 1


def test_nothing_and_one_certificate() -> None:
    """Nothing gives nothing; one certificate a lineage without renewals of which no class is told."""
    assert analyse([]) == []
    (result,) = analyse([certificate(tokyo(2023, 5, 1, 12), 90)])
    assert result.automation_class == "insufficient"
    assert (result.renewals, result.gaps, result.expiries, result.switches) == ((), (), (), ())
    assert (result.median_interval_days, result.median_lead_days) == (None, None)
    assert result.end == "expired"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"not_before_s": None}, "no_dates"),
        ({"not_after_s": None}, "no_dates"),
        ({"not_after_s": 1_600_000_000}, "not_after_before_not_before"),
        ({"not_before_s": 0}, "date_out_of_range"),
        ({"not_after_s": 253_402_300_799}, "date_out_of_range"),
        ({"issued_at_s": 1_600_000_000.0}, "not_before_in_the_future"),
        ({"issued_at_s": 0.0}, "date_out_of_range"),
        ({"issued_at_s": 1.8e16}, "date_out_of_range"),
        ({"issued_at_s": float("nan")}, "date_out_of_range"),
        ({"registered_domains": ()}, "no_registered_domain"),
    ],
)
def test_what_cannot_be_used_is_counted(change: dict[str, object], reason: str) -> None:
    """A certificate with impossible dates enters no lineage and is counted by the reason; the others are as before."""
    good = WORLDS["certbot"]
    bad = good[3]._replace(serial="ff", **change)  # type: ignore[arg-type]
    results, refused = analyse_domain("example.jp", [*good, bad], ALWAYS, RULES)
    assert refused == {reason: 1}
    assert results == analyse(good)


def test_a_serial_that_is_used_twice_is_two_certificates() -> None:
    """What shares issuer and serial but not its dates is a fault of the CA, not one certificate."""
    first = certificate(tokyo(2023, 5, 1, 12), 90)
    again = certificate(tokyo(2023, 7, 1, 12), 90)._replace(serial=first.serial)
    without_serial = first._replace(serial=None)
    assert len(unique([first, again, first])) == 2
    assert len(unique([without_serial, without_serial, without_serial._replace(identity="other")])) == 2


def test_ten_thousand_names() -> None:
    """A certificate of 10,000 names in 5,000 registered domains counts once: 1 / 5,000 in each."""
    names = [name for number in range(5000) for name in (f"d{number}.jp", f"www.d{number}.jp")]
    certificates = scenarios.cron(tokyo(2023, 1, 10, 22), 3, names=names)
    assert jp_domains(names) == certificates[0].registered_domains
    results = [analyse_domain(each, certificates, ALWAYS, RULES)[0] for each in ("d0.jp", "d1.jp")]
    assert [each.weight for (each,) in results] == [1 / 5000, 1 / 5000]
    assert [each.is_primary for (each,) in results] == [True, False]


def test_a_time_of_issue_that_nobody_knows() -> None:
    """Without a precertificate or SCT the day of notBefore stands in, and its hour is not used."""
    certificates = [each._replace(issued_at_s=None) for each in scenarios.late_person()]
    (result,) = analyse(certificates)
    assert not any(each.is_time_known for each in result.events)
    assert result.automation_class == "manual"
    assert result.gap_count("late") == 1


def test_the_edges_of_a_gap() -> None:
    """An hour is noise, 30 days are late, 90 long late, more a lapse; a longer certificate before leaves no gap."""

    def kinds(gap: timedelta) -> list[str]:
        first = certificate(tokyo(2023, 1, 10), 90)
        second = certificate(tokyo(2023, 4, 10) + gap, 90)
        (result,) = analyse([first, second])
        return [each.kind for each in result.gaps]

    second, hour, day = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
    assert kinds(timedelta()) == []
    assert kinds(hour) == ["noise"]
    assert kinds(hour + second) == kinds(30 * day) == ["late"]
    assert kinds(30 * day + second) == kinds(90 * day) == ["long_late"]
    assert kinds(90 * day + second) == ["lapse"]
    longer = [
        certificate(tokyo(2023, 1, 1), 397),
        certificate(tokyo(2023, 2, 1), 90),
        certificate(tokyo(2023, 8, 1), 90),
    ]
    assert [each.gaps for each in analyse(longer)] == [()]


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        (("www.example.jp", "other.example.jp"), "covered_lapse"),
        (("*.example.jp",), "covered_lapse"),
        (("example.jp",), "late"),
        (("*.www.example.jp",), "late"),
        (("*.jp",), "late"),
    ],
)
def test_what_covers_a_name(names: tuple[str, ...], kind: str) -> None:
    """The very name or the wildcard for exactly its first label; neither the parent nor a deeper wildcard."""
    gap = [certificate(tokyo(2023, 1, 10), 90), certificate(tokyo(2023, 4, 20), 90)]
    other = certificate(tokyo(2023, 3, 1), 90, names=names)._replace(registered_domains=("example.jp",))
    result = next(each for each in analyse([*gap, other]) if each.names == ("www.example.jp",))
    assert [each.kind for each in result.gaps] == [kind]


def test_a_reaction_to_a_mass_revocation_is_known_by_its_days() -> None:
    """Let's Encrypt's certificates that were replaced early just after 2022-01-25 are told by the event's id."""
    before = certificate(tokyo(2021, 12, 10, 12), 90)
    after = certificate(tokyo(2022, 1, 28, 12), 90)
    (result,) = analyse([before, after])
    assert [(each.status, each.cause) for each in result.renewals] == [("early_reissue", "le-tls-alpn-01")]
    other_ca: list[Issuance] = [each._replace(issuer_o="Sectigo Limited") for each in (before, after)]
    assert [each.status for each in analyse(other_ca)[0].renewals] == ["renewal"]


def test_a_mass_revocation_is_known_by_the_service_that_issued() -> None:
    """NII's revocation of December 2025 concerns certificates that name SECOM as issuer, and none of SECOM's own."""
    issued = [certificate(tokyo(2025, 11, 1, 12), 398, issuer="SECOM Trust Systems Co., Ltd.")]
    issued.append(certificate(tokyo(2025, 12, 9, 12), 398, issuer="SECOM Trust Systems Co., Ltd."))
    for common_name, cause in (("NII Open Domain CA - G8 RSA", "upki-acme"), ("SECOM Passport for Web EV CA", None)):
        (result,) = analyse([each._replace(issuer_cn=common_name) for each in issued])
        assert [each.cause for each in result.renewals] == [cause]


def test_a_wildcard_covers_one_label_only() -> None:
    """The certificate of *.example.jp is none for a.b.example.jp."""
    gap = [certificate(start, 90, names=["a.b.example.jp"]) for start in (tokyo(2023, 1, 10), tokyo(2023, 4, 20))]
    for names, kind in ((["*.example.jp"], "late"), (["*.b.example.jp"], "covered_lapse")):
        results = analyse([*gap, certificate(tokyo(2023, 3, 1), 90, names=names)])
        result = next(each for each in results if each.names == ("a.b.example.jp",))
        assert [each.kind for each in result.gaps] == [kind]


def test_what_is_replaced_within_a_quarter_of_its_validity_is_reissued() -> None:
    """22 of 90 days are a reissue, 23 a renewal, however few intervals are known."""
    for days, status in ((22, "early_reissue"), (23, "renewal")):
        (result,) = analyse([certificate(tokyo(2023, 3, 1), 90), certificate(tokyo(2023, 3, 1 + days), 90)])
        assert [each.status for each in result.renewals] == [status]

"""What must never change a result, and input that no CA should have made."""

import random
from datetime import timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ctcollect.analysis.coverage import Coverage, LogCoverage
from ctcollect.analysis.domain import analyse_domain
from ctcollect.analysis.issuance import Issuance, jp_domains, unique
from ctcollect.analysis.japan_days import day_at
from tests.analysis import scenarios
from tests.analysis.making import ALWAYS, RULES, analyse, certificate, tokyo

WORLDS = {
    "certbot": scenarios.cron(tokyo(2023, 1, 10, 22), 12),
    **{
        make.__name__: make()
        for make in (
            scenarios.late_person,
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
@settings(max_examples=40)
def test_neither_order_nor_duplicates_nor_logs_show(name: str, chance: random.Random) -> None:
    """In any order, and with each log's record of a certificate apart, the results are the same."""
    certificates = WORLDS[name]
    by_log = [each._replace(log_ids=(log,)) for each in certificates for log in each.log_ids]
    shuffled = [*by_log, *certificates]
    chance.shuffle(shuffled)
    assert analyse(shuffled) == analyse(certificates)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 9)), min_size=1, max_size=6), st.randoms())
@settings(max_examples=25)
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


@given(st.sampled_from(["certbot", "content_delivery_network", "three_servers"]), st.integers(-8, 20))
def test_whole_weeks_do_not_show(name: str, weeks: int) -> None:
    """Away from holidays the index depends on the day of the week and the hour, not on the date."""
    shift_s = weeks * 7 * 86400
    moved = [
        each._replace(
            not_before_s=(each.not_before_s or 0) + shift_s,
            not_after_s=(each.not_after_s or 0) + shift_s,
            issued_at_s=(each.issued_at_s or 0) + shift_s,
        )
        for each in WORLDS[name]
    ]
    days = [day_at(each.issued_at_s or 0) for each in [*moved, *WORLDS[name]]]
    assume(not any((each.is_national_holiday or each.is_nenmatsu) and not each.is_weekend for each in days))
    (one,), (other,) = analyse(WORLDS[name]), analyse(moved)
    assert one.automation == other.automation


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

"""The sixteen ground-truth scenarios give exactly what their authors meant by them."""

from datetime import UTC, datetime

import pytest

from ctcollect.analysis.issuance import Issuance, unique
from ctcollect.analysis.japan_days import day_at
from ctcollect.analysis.lineage import LineageResult
from ctcollect.report.lineage_rows import COLUMNS, lineage_row
from tests.analysis import scenarios
from tests.analysis.making import analyse, coverage_of, tokyo

INCIDENTS = ("late", "long_late", "lapse", "suspect_missing", "censored", "covered_lapse")


def only(certificates: list[Issuance]) -> LineageResult:
    """The result of certificates that are one lineage."""
    (result,) = analyse(certificates)
    return result


def gaps(result: LineageResult) -> dict[str, int]:
    """How many there are of each kind, noise and none left out."""
    counts = {kind: result.gap_count(kind) for kind in INCIDENTS}  # type: ignore[arg-type]
    return {kind: count for kind, count in counts.items() if count}


def test_01_certbot() -> None:
    """Every 60 days and some hours: automated, one stream, two thirds used, no gap; three sightings, one issuance."""
    certificates = scenarios.cron(tokyo(2023, 1, 10, 22), 12)
    seen = [each._replace(log_ids=(log,)) for log in ("log-a", "log-b", "log-c") for each in certificates]
    assert len(unique(seen)) == 12
    result = only(seen)
    assert result.automation_class == "automated"
    assert result.parallel_degree == 1
    assert result.median_interval_days == pytest.approx(60.25, abs=0.1)
    assert result.median_elapsed == pytest.approx(0.67, abs=0.01)
    assert gaps(result) == {}


def test_02_a_person_who_is_late_once() -> None:
    """A year's certificate in office hours: manual, and exactly the one renewal after expiry is late, by its days."""
    result = only(scenarios.late_person())
    assert result.automation_class == "manual"
    assert gaps(result) == {"late": 1}
    (late,) = [each for each in result.gaps if each.kind == "late"]
    assert late.days == pytest.approx(-result.renewals[late.event].lead_days, abs=0.01)
    assert 2 <= late.days <= 6
    assert [each.gap_days for each in result.expiries if each.gap_days is not None] == [late.days]


def test_03_a_content_delivery_network() -> None:
    """RSA and ECDSA are one event, the backup CA a second stream: 60 days, not 17 or 43, and no change of the CA."""
    result = only(scenarios.content_delivery_network())
    assert len(result.certificates) == 24
    assert len(result.events) == 16
    assert result.parallel_degree == 2
    assert result.automation_class == "automated"
    assert result.median_interval_days == pytest.approx(60, abs=0.2)
    assert result.switches == ()
    assert gaps(result) == {}


def test_04_from_digicert_to_lets_encrypt() -> None:
    """One change of the CA, no gap, and the class is that of what renews now."""
    result = only(scenarios.moved_to_lets_encrypt())
    assert [(each.before, each.after) for each in result.switches] == [("DigiCert", "Internet Security Research Group")]
    assert result.automation_class == "automated"
    assert gaps(result) == {}


@pytest.mark.parametrize(
    ("moment", "day", "kind", "holiday", "weekend"),
    [
        (datetime(2022, 12, 31, 15, 30), "2023-01-01 Sun", "nenmatsu", True, True),
        (datetime(2023, 1, 1, 23, 30), "2023-01-02 Mon", "nenmatsu", True, False),
        (datetime(2024, 12, 28, 15, 30), "2024-12-29 Sun", "nenmatsu", False, True),
        (datetime(2025, 12, 28, 15, 30), "2025-12-29 Mon", "nenmatsu", False, False),
        (datetime(2026, 9, 21, 16, 0), "2026-09-22 Tue", "holiday", True, False),
    ],
)
def test_05_days_are_those_of_tokyo(moment: datetime, day: str, kind: str, holiday: bool, weekend: bool) -> None:
    """At the edges of days the day is Tokyo's; 29 December is no national holiday, 22 September 2026 is one."""
    found = day_at(moment.replace(tzinfo=UTC).timestamp())
    assert f"{found.date:%Y-%m-%d %a}" == day
    assert (found.kind, found.is_national_holiday, found.is_weekend) == (kind, holiday, weekend)


def test_06_a_name_is_added() -> None:
    """Two lineages, one change of names, no incident."""
    results = analyse(scenarios.added_name())
    assert [each.end for each in results].count("san_change") == 1
    assert len(results) == 2
    assert [gaps(each) for each in results] == [{}, {}]


def test_07_a_wildcard_takes_over() -> None:
    """Nothing of a host's names ever lay bare: its gap is covered, no incident."""
    wildcard, host = analyse(scenarios.replaced_by_wildcard())
    assert wildcard.names == ("*.example.jp",)
    assert gaps(wildcard) == {}
    assert gaps(host) == {"covered_lapse": 1}
    assert [each.end for each in analyse(scenarios.replaced_by_wildcard()[:13])] == ["expired", "covered"]


def test_08_a_mass_revocation() -> None:
    """One early reissue, told from a renewal and left out of the intervals; still a machine."""
    result = only(scenarios.revoked_by_the_ca())
    assert result.renewal_count("early_reissue") == 1
    (reissue,) = [each for each in result.renewals if each.status == "early_reissue"]
    assert reissue.interval_days == pytest.approx(12, abs=0.5)
    assert min(each.interval_days for each in result.measured) > 50
    assert result.automation_class == "automated"


def test_09_three_servers() -> None:
    """Three streams of 60 days each."""
    result = only(scenarios.three_servers())
    assert result.parallel_degree == 3
    assert result.median_interval_days == pytest.approx(60.25, abs=0.2)
    assert result.automation_class == "automated"
    assert gaps(result) == {}


def test_10_seen_through_windows() -> None:
    """Where only seasons were collected no interval crosses them: every gap is censored, the class is not known."""
    seasons = [(tokyo(year, 12, 1), tokyo(year + 1, 2, 1)) for year in range(2021, 2026)]
    made = scenarios.cron(tokyo(2021, 12, 4, 3), 26)
    seen = [each for each in made if any(a.timestamp() <= (each.issued_at_s or 0) < b.timestamp() for a, b in seasons)]
    (result,) = analyse(seen, coverage_of(seasons))
    assert len(result.events) >= 5
    assert len(result.measured) <= 1
    assert gaps(result) == {"censored": len(result.gaps)}
    assert len(result.gaps) == 4
    assert result.automation_class == "insufficient"
    assert all(each.interval_days < 62 for each in result.measured)


def test_11_a_cron_job_that_broke() -> None:
    """Automated with exactly one late incident, whose expiry lies in the year's end."""
    result = only(scenarios.broken_cron())
    assert result.automation_class == "automated"
    assert gaps(result) == {"late": 1}
    (late,) = result.gaps
    assert day_at(late.expired_s).kind == "nenmatsu"
    assert f"{day_at(late.expired_s).date}" == "2023-12-31"


def test_12_a_lapse_of_400_days() -> None:
    """A lapse, not a late renewal."""
    result = only(scenarios.long_lapse())
    assert gaps(result) == {"lapse": 1}
    assert result.gaps[0].days == pytest.approx(400, abs=0.1)
    assert len(result.switches) == 1


def test_13_a_shorter_validity() -> None:
    """The step from 397 to 199 days is a person's still, and no reissue."""
    result = only(scenarios.shorter_by_rule())
    assert {round(each.validity_days) for each in result.events} == {397, 199}
    assert result.automation_class == "manual"
    assert result.renewal_count("early_reissue") == 0
    assert gaps(result) == {}


def test_14_amazons_certificate_manager() -> None:
    """A long validity does not make a person: always exactly 60 days before is a machine."""
    result = only(scenarios.amazon())
    assert result.automation_class == "automated"
    assert result.median_lead_days == 60


def test_15_lets_encrypt_by_hand() -> None:
    """Let's Encrypt does not make a machine: office hours, 12 to 27 days before."""
    result = only(scenarios.lets_encrypt_by_hand())
    assert result.automation_class == "manual"
    assert gaps(result) == {}


def test_16_a_missing_record() -> None:
    """An interval of twice the usual is a record that is missing, not a late renewal."""
    result = only(scenarios.missing_record())
    assert gaps(result) == {"suspect_missing": 1}
    assert result.renewal_count("suspect_missing") == 1
    assert all(each.gap_days is None for each in result.expiries)


def test_a_lineage_as_a_row() -> None:
    """The columns of lineages.csv in their order, with what scenario 11 has in them."""
    row = dict(zip(COLUMNS, lineage_row(only(scenarios.broken_cron())), strict=True))
    assert ",".join(row) == (
        "names,registered_domain,organisation_type,certificates,parallel_degree,renewals,median_interval_days,"
        "median_lead_days,late,long_late,lapses,covered_lapses,suspect_missing,censored,early_reissues,ca_switches,"
        "automation_index,automation_class"
    )
    assert (row["names"], row["certificates"], row["renewals"], row["late"]) == ("www.example.jp", 11, 10, 1)
    assert row["automation_class"] == "automated"
    nothing_known = dict(zip(COLUMNS, lineage_row(only(scenarios.broken_cron()[:1])), strict=True))
    assert (nothing_known["median_lead_days"], nothing_known["automation_index"]) == (None, None)

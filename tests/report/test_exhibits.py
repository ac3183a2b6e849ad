"""What the tables and figures beside the core ones say of renewals that are known."""

from typing import Any

from ctcollect.analysis.rules import default_rules
from ctcollect.report.recommendations import rules as advice_rules
from tests.report.conftest import COPIES, Report
from tests.report.reading import Page, document_of, rows_of

LATE = 2 * COPIES  # the person and the broken cron, once each
OF_KNOWN_CLASS = ("automated", "manual", "mixed")


def of_all(report: Report, place: str) -> list[dict[str, Any]]:
    """The rows of a CSV that are about all together."""
    return [row for row in rows_of(report.folder / place) if row["group"] == "all"]


def test_what_advice_rests_on_is_shown(report: Report) -> None:
    """Each rule names an exhibit of the report; that of the holidays has the very ratio, with its counts."""
    assert {rule.exhibit for rule in advice_rules()} <= {each["id"] for each in document_of(report.folder)["exhibits"]}
    (row,) = of_all(report, "tables/T4b-holidays.csv")
    # The broken cron's certificate expires on 31 December, the person's on a Saturday.
    assert (row["n"], row["observed"]) == (LATE, LATE)
    assert 0.3 < row["expected"] / row["n"] < 0.4
    assert row["low"] < row["ratio"] < row["high"]
    page = Page(report.folder).sections
    assert f"{row['ratio']:.2f}" in page["T4b"]


def test_names_that_had_expired_come_back_or_do_not(report: Report) -> None:
    """The late ones are back within 30 days; the lapsed are given up after 90, though a certificate came in the end."""
    rows = {row["days"]: row for row in of_all(report, "tables/T4c-returns.csv")}
    assert {days: row["renewed"] for days, row in rows.items()} == {5: COPIES, 30: LATE, 90: LATE}
    assert rows[30]["share"] == rows[90]["share"] < 1
    assert all(row["low"] <= row["share"] <= row["high"] for row in rows.values())
    assert all(row["low"] < row["high"] for row in rows.values())
    assert rows[90]["n"] > LATE


def test_changes_of_the_ca_by_owner(report: Report) -> None:
    """The two scenarios with a change, by who left whom; the page names those that nobody has looked up."""
    found = {
        (row["before"], row["after"]): row["switches"] for row in rows_of(report.folder / "tables/T7-ca-switches.csv")
    }
    isrg = "Internet Security Research Group"
    assert found == {("DigiCert", isrg): COPIES, (isrg, "Google Trust Services"): COPIES}
    assert "Gehirn Inc." in Page(report.folder).sections["T7"]


def test_the_parts_of_the_index(report: Report) -> None:
    """F9 and F5 hold each name set that could be classified once; machines lie right, people left."""
    lineages = rows_of(report.folder / "lineages.csv")
    known = [row for row in lineages if row["automation_class"] in OF_KNOWN_CLASS]
    index = of_all(report, "figures/F9-automation-index.csv")
    spread = of_all(report, "figures/F5-lead-dispersion.csv")
    assert sum(row["lineages"] for row in index) == sum(row["lineages"] for row in spread) == len(known)
    automated = sum(row["automation_class"] == "automated" for row in known)
    assert sum(row["lineages"] for row in index if row["from_index"] >= 65) == automated
    assert sum(row["lineages"] for row in index if row["from_index"] < 35) == len(known) - automated


def test_the_days_around_the_new_year(report: Report) -> None:
    """Late renewals stand at the day of expiry, in the order of a season."""
    rows = rows_of(report.folder / "figures/F12-new-year.csv")
    days = [row["day"] for row in rows]
    assert days == sorted(days, key=lambda day: (day[:2] == "01", day))
    late = {row["day"]: row["late"] for row in rows if row["late"]}
    assert late == {"12-31": COPIES}
    assert all(row["low"] <= row["late_share"] <= row["high"] for row in rows)


def test_long_validities_weigh_more_in_a_season(report: Report) -> None:
    """Who renews by the year is seen in one season of six, and so counts about six times as much."""
    rows = [row for row in rows_of(report.folder / "tables/T2c-short-validity.csv") if row["season"] == "2023"]
    seen, weighted = (row["value"] for row in rows)
    assert 5 < (seen / (1 - seen)) / (weighted / (1 - weighted)) < 7


def test_two_logs_in_common(report: Report) -> None:
    """Every certificate of the fixture is in both logs, so that both have as many as there are."""
    (row,) = rows_of(report.folder / "tables/T1c-log-pairs.csv")
    certificates = document_of(report.folder)["certificates"]
    assert {row["first"], row["second"], row["both"], row["estimate"]} == {certificates}


def test_every_rule_is_cited(report: Report) -> None:
    """The page has a line for each parameter, limit, announcement and revocation, by its id."""
    text, rules = Page(report.folder).sections["rules"], default_rules()
    named = [each.id for each in rules.parameters]
    named += [f"phase.{each.id}" for each in rules.phases]
    named += [f"milestone.{each.id}" for each in rules.milestones]
    named += [f"mass_revocation.{each.id}" for each in rules.mass_revocations]
    assert [each for each in named if each not in text] == []
    assert rules.sha256 in text

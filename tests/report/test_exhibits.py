"""What the tables and figures beside the core ones say of renewals that are known."""

from collections import Counter
from types import SimpleNamespace
from typing import Any

from ctcollect.analysis.rules import default_rules
from ctcollect.report.exhibits.switches import distrusts
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


def test_who_had_to_leave_a_ca_is_told() -> None:
    """Only where somebody left it: the day after which a browser trusts no certificate of that CA."""
    source: Any = SimpleNamespace(say=lambda text, **values: text.format(**values))
    (said,) = distrusts(source, {("Entrust", "DigiCert"): 30, ("DigiCert", "Entrust"): 30})
    assert "Chrome trusts no certificate of Entrust issued after 2024-11-11" in said
    assert distrusts(source, {("DigiCert", "Entrust"): 30}) == []


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
    named += [f"machine_group.{each.id}" for each in rules.machine_groups]
    named += [f"person_group.{each.id}" for each in rules.person_groups]
    assert [each for each in named if each not in text] == []
    assert rules.sha256 in text


def test_cas_compared_at_the_same_mix(report: Report) -> None:
    """With one organisation type alone nothing changes: raw is standardised, and all of the standard is there."""
    rows = {(row["group"], row["measure"]): row for row in rows_of(report.folder / "tables/T6c-ca-standardised.csv")}
    raw = [row for row in rows_of(report.folder / "tables/T6b-classes-by-ca.csv") if row["group"] != "all"]
    for row in raw:
        if row["measure"] != "behaviour_mixed" and row["value"] is not None:
            found = rows[row["group"], row["measure"]]
            assert (found["raw"], found["value"], found["covered"]) == (row["value"], row["value"], 1)
            assert found["low"] <= found["value"] <= found["high"]
    (all_late,) = [row for row in of_all(report, "tables/T4-gaps.csv") if row["measure"] == "late"]
    late = [row for row in rows.values() if row["measure"] == "late" and row["raw"] is not None]
    assert {row["of_all"] for row in late} == {all_late["value"]}


def test_the_answers_without_one_provider(report: Report) -> None:
    """The first row holds what the page answers; without the one CA of those who renew by the year fewer are manual."""
    rows = rows_of(report.folder / "tables/T9-providers.csv")
    found = {(row["left_out"], row["provider"], row["measure"]): row for row in rows}
    answers = Page(report.folder).sections["answers"]
    for measure in ("late", "classified_automated", "manual_over_47"):
        whole = found["nothing", None, measure]
        assert f"{whole['numerator']:,} of {whole['denominator']:,}" in answers
    manual = Counter(row["automation_class"] for row in rows_of(report.folder / "lineages.csv"))["manual"]
    share, rest = found["nothing", None, "classified_automated"], found["ca", "DigiCert", "classified_automated"]
    assert share["denominator"] - share["numerator"] == manual
    # The person and the one with shorter validities are DigiCert's, the others Let's Encrypt's and SECOM's.
    assert rest["denominator"] - rest["numerator"] == manual - 2 * COPIES
    assert rest["numerator"] == share["numerator"]
    assert sum(row["left_out"] == "domain" for row in rows) == 5 * 5


def test_the_index_tells_known_groups_apart(report: Report) -> None:
    """Who orders in a portal is below every machine; a group without a domain has no figure, few have a wide one."""
    rows = {(row["machines"], row["persons"]): row for row in rows_of(report.folder / "tables/T10-known-groups.csv")}
    amazon, whole = rows["aws-acm", "person"], rows["machine", "person"]
    assert (amazon["machine_domains"], amazon["person_domains"]) == (COPIES, COPIES)
    assert (amazon["auc"], amazon["high"], amazon["spread_auc"]) == (1, 1, 1)
    assert 0.5 < amazon["low"] < whole["low"] < 1
    assert amazon["person_median"] < 35 < 65 < amazon["machine_median"]
    assert rows["machine", "upki-before-acme"]["auc"] is None
    assert whole["machine_domains"] > 3 * COPIES

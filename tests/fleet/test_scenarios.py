"""The renewal scenarios on the whole way: local logs, collection, database, report."""

import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509 import DNSName, SubjectAlternativeName, load_der_x509_certificate
from cryptography.x509.oid import NameOID

from ctcollect.analysis.coverage import Coverage, LogCoverage
from ctcollect.analysis.domain import analyse_domain
from ctcollect.analysis.issuance import DAY_S, Dated, Issuance
from ctcollect.analysis.rules import default_rules
from ctcollect.analysis_data import open_database
from ctcollect.cli import cli
from ctcollect.fleet.demo import FEWEST_FOR_SCENARIOS
from ctcollect.fleet.demo_report import DemoReport, report_on
from ctcollect.fleet.local_logs import OPERATORS, generate_with_scenarios, parse_log_spec
from ctcollect.fleet.scenario_check import Results, Rows, analyse_scenarios, check_scenarios, differences, read_rows
from ctcollect.local_log import LocalLog
from ctcollect.local_log.scenarios import Scenario, entry_counts, scenarios
from ctcollect.local_log.scenarios.habits import tokyo
from ctcollect.protocol.rfc6962 import EntryType, ExtraData, MerkleTreeLeaf, parse_extra_data, parse_leaf
from ctcollect.settings import load
from ctcollect.store import Store
from tests.coordinator.pipeline import open_pipeline

RULES = default_rules()
SEED = 1
ENTRIES = 260
OF_CERTBOT = "www.scenario-01.co.jp"


class Collected(NamedTuple):
    store: Store
    folder: Path
    report: DemoReport
    rows: Rows
    results: Results


@pytest.fixture(scope="module")
def logs() -> list[LocalLog]:
    """The demo's four logs, as small as they can be with the scenarios in them."""
    return generate_with_scenarios([parse_log_spec(spec, ENTRIES) for spec in OPERATORS], SEED, jp_share=0.05)


@pytest.fixture(scope="module")
def collected(logs: list[LocalLog], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collected]:
    """Everything collected, verified and reported on."""
    folder = tmp_path_factory.mktemp("collected")
    variables = {"DATABASE_URL": f"sqlite:///{folder}/ct.sqlite", "DATA_DIR": str(folder), "ALLOW_LOCAL_LOGS": "1"}
    settings = load({f"CTCOLLECT_{name}": value for name, value in variables.items()})
    with open_pipeline(settings, *logs) as pipeline:
        pipeline.plan()
        pipeline.collect_all()
        pipeline.audit()
        report = report_on(pipeline.store, folder, with_scenarios=True)
        with open_database(pipeline.store, folder) as dataset:
            results = analyse_scenarios(dataset)
        yield Collected(pipeline.store, folder, report, read_rows(report.directory / "lineages.csv"), results)


@pytest.mark.parametrize("scenario", scenarios(), ids=lambda each: f"{each.number:02}")
def test_what_is_found_is_what_is_known(collected: Collected, scenario: Scenario) -> None:
    """Class, counts, intervals, gaps and days of each scenario, in report and data, are those of the truth."""
    assert list(differences(scenario, collected.rows, collected.results)) == []


def test_all_of_them_are_as_expected(collected: Collected) -> None:
    """The demo's own check says so too, and there are sixteen."""
    assert [each.number for each in scenarios()] == list(range(1, 17))
    assert collected.report.checked == (16, 16, ())


def test_what_is_not_as_expected_is_told(collected: Collected, tmp_path: Path) -> None:
    """Another class, a count that is one too many, a median outside its bounds, a row that is not there."""
    written = (collected.report.directory / "lineages.csv").read_text()
    with open_database(collected.store, collected.folder) as dataset:
        for old, new, said in (
            (r"(scenario-15.*),manual", r"\1,mixed", r"scenario 15 \(.*\): .*: automation_class is mixed, not manual"),
            (r"(scenario-11.*,)1(,0,0,0,0,0,0,0,100)", r"\g<1>2\2", r"scenario 11 \(.*\): .*: late is 2, not 1"),
            (
                r"(scenario-14.*),60\.0,",
                r"\1,61.0,",
                r"scenario 14 \(.*\): .*: median_lead_days is 61, not in 60 to 60",
            ),
            (r"\*\.scenario-07", "*.scenario-7", r"scenario 7 \(.*\): \*\.scenario-07.jp was not found"),
        ):
            bent, times = re.subn(old, new, written, count=1)
            (tmp_path / "lineages.csv").write_text(bent)
            checked = check_scenarios(tmp_path / "lineages.csv", dataset)
            assert (times, checked.as_expected, len(checked.wrong)) == (1, 15, 1)
            assert re.fullmatch(said, checked.wrong[0])


@pytest.mark.parametrize(
    ("number", "since", "days", "said"),
    [
        (2, tokyo(2023, 8, 9), 5, "the gap in days is 9.2"),
        (5, tokyo(2020, 1, 1), 1, "the days are"),
        (6, tokyo(2023, 11, 1), 90, "its end is expired, not san_change"),
        (11, tokyo(2023, 10, 1), 1, "it expired on"),
        (12, tokyo(2024, 1, 1), 2, "the gap in days is 402"),
    ],
)
def test_other_dates_are_noticed(collected: Collected, number: int, since: datetime, days: int, said: str) -> None:
    """Days, ends and lengths of gaps, which the report's rows do not tell, are looked at in the data."""
    (scenario,) = [each for each in scenarios() if each.number == number]
    domain = collected.results[scenario.lineages[0].names].registered_domain
    of_domain = [each for each in collected.results.values() if each.registered_domain == domain]
    shifted = [_shifted(each, since, days) for result in of_domain for each in result.certificates]
    always = Coverage([LogCoverage("log", None, None, ((0.0, tokyo(2030, 1, 1).timestamp()),))], RULES)
    results, _ = analyse_domain(domain, shifted, always, RULES)
    found = list(differences(scenario, collected.rows, {each.names: each for each in results}))
    assert any(said in line for line in found), found


def _shifted(certificate: Dated, since: datetime, days: int) -> Issuance:
    """So many days later, if it was issued after ``since``."""
    later_s = days * DAY_S if certificate.issued_s >= since.timestamp() else 0
    return certificate.issuance._replace(
        issued_at_s=certificate.issued_s + later_s,
        not_before_s=certificate.start_s + later_s,
        not_after_s=certificate.end_s - 1 + later_s,
    )


def test_without_the_extra() -> None:
    """Who has not installed the analysis is told how to in a line, and the demo is no failure for that."""
    program = (
        "import sys; sys.modules['duckdb'] = None; from ctcollect.fleet.ending import end; print(*end(None, None))"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout == "report:                 none, it needs duckdb: pip install 'ctcollect[analysis]' True\n"


def test_a_certificate_is_one_however_often_it_was_logged(logs: list[LocalLog], collected: Collected) -> None:
    """Two precertificates and a late final certificate are three entries, one certificate, issued when promised first.

    The final certificate names both logs; its own time in the log is hours or days later and counts for nothing.
    """
    truth = [each for log in logs for each in log.truth if each.kind == "scenario-01"]
    assert [each.entry_type for each in truth].count(EntryType.PRECERT) == 24
    assert [each.entry_type for each in truth].count(EntryType.X509) == 12
    with open_database(collected.store, collected.folder) as dataset:
        found = [row for each in dataset.lineages() if each.names == (OF_CERTBOT,) for row in each.issuances]
    (planned,) = [each.planned for each in scenarios() if each.number == 1]
    assert [row.issued_at_s for row in found] == [int(each.issued.timestamp() * 1000) / 1000 for each in planned]
    whole = tuple(sorted(log.log_id_hex for log in logs[:2]))
    assert {(row.log_ids, row.sct_log_ids) for row in found} == {(whole, whole)}


def test_the_certificates_are_what_was_planned(logs: list[LocalLog]) -> None:
    """An independent reader finds names, dates, CA and kind of key, and that the first of the chain has signed it."""
    planned = {
        (each.names, each.not_before, each.issuer, each.key): each for one in scenarios() for each in one.planned
    }
    found = {}
    for leaf, extra in entries_of_scenarios(logs):
        certificate = load_der_x509_certificate(leaf.certificate or extra.pre_certificate or b"")
        certificate.verify_directly_issued_by(load_der_x509_certificate(extra.chain[0]))
        (organization,) = certificate.issuer.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
        alternatives = certificate.extensions.get_extension_for_class(SubjectAlternativeName).value
        kind = "RSA" if isinstance(certificate.public_key(), RSAPublicKey) else "ECDSA"
        names = tuple(alternatives.get_values_for_type(DNSName))
        found[names, certificate.not_valid_before_utc, organization.value, kind] = certificate.not_valid_after_utc
    assert found == {key: each.not_after for key, each in planned.items()}
    assert len(found) == sum(len(each.planned) for each in scenarios())


def entries_of_scenarios(logs: list[LocalLog]) -> Iterator[tuple[MerkleTreeLeaf, ExtraData]]:
    """Those of all logs, parsed."""
    for log in logs:
        for entry, truth in zip(log.entries, log.truth, strict=True):
            if truth.kind.startswith("scenario-"):
                leaf = parse_leaf(entry.leaf_input)
                yield leaf, parse_extra_data(entry.extra_data, leaf.entry_type)


def test_each_log_holds_what_was_counted_before(logs: list[LocalLog]) -> None:
    """The size of a log is what was asked for, scenarios included, in order of time; the demo's least fits them."""
    held = [sum(each.kind.startswith("scenario-") for each in log.truth) for log in logs]
    assert held == entry_counts()
    assert [len(log.entries) for log in logs] == [ENTRIES] * 4
    assert 4 * max(held) == FEWEST_FOR_SCENARIOS
    for log in logs:
        times = [entry.timestamp_ms for entry in log.entries]
        assert times == sorted(times)


def test_the_seed_decides_every_byte(logs: list[LocalLog]) -> None:
    """The same seed gives the same logs; another one gives other certificates, issued at the same times."""
    specs = [parse_log_spec(spec, ENTRIES) for spec in OPERATORS]
    again, other = (generate_with_scenarios(specs, seed, jp_share=0.05) for seed in (SEED, SEED + 9))
    assert [log.entries for log in again] == [log.entries for log in logs]
    assert not {entry.leaf_input for entry in other[0].entries} & {entry.leaf_input for entry in logs[0].entries}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--log", "one:Google:32"], "exactly 4 logs"),
        (["--entries", "100"], "demo-google: 100 entries are too few for the"),
        (["--days", "3"], "leave --start, --days and --late away"),
    ],
)
def test_where_the_scenarios_do_not_fit(options: list[str], said: str) -> None:
    """A line says why."""
    answer = CliRunner().invoke(cli, ["local-log", "--scenarios", "--port", "0", *options])
    assert answer.exit_code != 0
    assert said in f"{answer.output}{answer.exception}"

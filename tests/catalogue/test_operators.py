import pytest

from ctcollect.catalogue import Log, bundled, operator_named, operator_of, operators, queues, subrange_entries_for
from ctcollect.settings import load


def test_queues_are_those_of_the_contract() -> None:
    """Workers, rates and task names rest on these queue names and on their order: four operators, and archives."""
    assert queues() == ("google", "cloudflare", "digicert", "trustasia", "archive")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Google", "Google"),
        ("google llc", "Google"),
        ("Cloudflare, Inc.", "Cloudflare"),
        ("Trust Asia", "TrustAsia"),
        ("TRUSTASIA", "TrustAsia"),
        ("DigiCert", "DigiCert"),
    ],
)
def test_operator_is_found_by_any_common_spelling(name: str, expected: str) -> None:
    """Case, spaces, punctuation and legal forms do not count in an operator's name."""
    operator = operator_named(name)
    assert operator is not None
    assert operator.name == expected


@pytest.mark.parametrize("name", ["", "Sectigo", "Let's Encrypt", "Googleplex", "Inc."])
def test_other_operators_are_not_taken_for_ours(name: str) -> None:
    """A name that only resembles one of ours finds nobody."""
    assert operator_named(name) is None


@pytest.mark.parametrize(
    ("operator", "url", "batch_entries"),
    [
        ("Google", "https://ct.googleapis.com/logs/us1/argon2026h1/", 32),
        ("Cloudflare", "https://ct.cloudflare.com/logs/nimbus2026/", 1024),
        ("DigiCert", "https://yeti2022-2.ct.digicert.com/log/", 64),
        ("DigiCert", "https://nessie2025.ct.digicert.com/log/", 64),
        ("DigiCert", "https://wyvern.ct.digicert.com/2026h1/", 256),
        ("TrustAsia", "https://ct2026-a.trustasia.com/log2026a/", 256),
    ],
)
def test_first_guess_of_an_answer_follows_operator_and_host(operator: str, url: str, batch_entries: int) -> None:
    """The first requests ask for as many entries as the log is known to give."""
    found = operator_named(operator)
    assert found is not None
    assert found.batch_entries_at(url) == batch_entries


def test_first_paces_are_polite() -> None:
    """No host is asked more than ten times a second, and none starts over its ceiling."""
    for operator in operators():
        assert 0 < operator.requests_per_second_start <= operator.requests_per_second_ceiling <= 10
        assert operator.tasks_per_second > 0


@pytest.mark.parametrize(
    ("batch_entries", "requests_per_second", "subrange_entries"),
    [
        (1, 0.1, 1024),
        (32, 10, 1024),
        (32, 20, 2048),
        (256, 2, 2048),
        (256, 4, 4096),
        (1024, 4, 16384),
        (10**6, 10, 32768),
    ],
)
def test_subrange_follows_answers_and_pace(
    batch_entries: int, requests_per_second: float, subrange_entries: int
) -> None:
    """A sub-range stays a power of two within 1,024 to 32,768."""
    assert subrange_entries_for(batch_entries, requests_per_second) == subrange_entries


@pytest.mark.parametrize("log", bundled(), ids=lambda log: log.name)
def test_a_task_takes_ten_to_thirty_seconds(log: Log) -> None:
    """At the ceiling of its host, which the four tasks of a lane share; a little longer where answers are tiny."""
    answers = log.subrange_entries / log.batch_entries
    seconds = answers * load().lane_concurrency / operator_of(log.queue).requests_per_second_ceiling
    assert 10 <= seconds <= (30 if log.subrange_entries > 1024 else 32)

"""What the commands print when all is well."""

import json
from collections.abc import Iterator
from typing import Any

import click
import pytest

from ctcollect.catalogue import bundled
from ctcollect.cli import cli
from ctcollect.local_log import LocalLog
from tests.cli.conftest import ENTRIES, NAME, Run

# The contract: these stand in the status document, whatever else does.
LOG_KEYS = {
    *("name", "queue", "kind", "state", "reachable", "tree_size", "window", "wanted", "done", "verified"),
    *("malformed", "certificates", "sightings", "entries_per_second", "eta_seconds"),
}
WORKER_KEYS = {"name", "friend", "running", "last_seen", "entries", "certificates", "entries_per_second"}


def commands(group: click.Group, *path: str) -> Iterator[tuple[str, ...]]:
    """The group, its commands and theirs, as one types them."""
    yield path
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, *path, name)
        else:
            yield (*path, name)


@pytest.mark.parametrize("option", ["--help", "-h"])
@pytest.mark.parametrize("command", list(commands(cli)), ids=" ".join)
def test_every_command_has_help(run: Run, command: tuple[str, ...], option: str) -> None:
    """The help of each command and sub-command says how to call it and, in a sentence, what for."""
    result = run(*command, option)
    assert result.status == 0
    assert result.err == ""
    usage, _, purpose, *_ = result.out.splitlines()
    assert usage.startswith(" ".join(["Usage: ctcollect", *command]))
    assert purpose.strip()


@pytest.mark.parametrize("archives", ["", "/zips,/more"])
def test_the_queues_of_a_worker(run: Run, monkeypatch: pytest.MonkeyPatch, archives: str) -> None:
    """Without a word all operators', and that of archives only where there may be some; what is named is served."""
    served: list[str] = []
    monkeypatch.setenv("CTCOLLECT_ARCHIVES", archives)
    monkeypatch.setattr(
        cli.commands["worker"], "callback", lambda queue_names, **_: served.append(",".join(queue_names))
    )
    for options in ([], ["--queues", "archive"], ["--queues", "google, digicert"]):
        assert run("worker", "--friend", "alice", *options).status == 0
    every = "google,cloudflare,digicert,trustasia" + ",archive" * bool(archives)
    assert served == [every, "archive", "google,digicert"]


def test_a_new_database_is_made_and_knows_the_bundled_logs(run: Run) -> None:
    """``db upgrade`` may run again and again; ``logs list`` then shows every bundled log, nothing of it wanted."""
    for _ in range(2):
        assert run("db", "upgrade").status == 0
    listed = json.loads(run("logs", "list", "--json").out)
    assert {log["name"] for log in listed} == {log.name for log in bundled()}
    assert {log["wanted"] for log in listed} == {0}
    assert "ctcollect plan" in run("status").out


def test_the_status_document(collected: Run, log: LocalLog) -> None:
    """``status --json`` has the shape of the contract and the figures of the log."""
    document = json.loads(collected("status", "--json").out)
    assert {"totals", "logs", "workers"} <= document.keys()
    [listed] = [each for each in document["logs"] if each["name"] == NAME]
    assert listed.keys() >= LOG_KEYS
    assert listed["window"] == [[0, ENTRIES]]
    for figures in (listed, document["totals"]):
        assert figures["wanted"] == figures["done"] == figures["verified"] == ENTRIES
        assert figures["sightings"] == sum(bool(truth.jp_names) for truth in log.truth)
    [worker] = document["workers"]
    assert worker.keys() >= WORKER_KEYS
    assert (worker["friend"], worker["entries"]) == ("alice", ENTRIES)


def test_the_status_for_people(collected: Run) -> None:
    """Without --json each planned log and each worker is a line of a table, with sums at the end."""
    result = collected("status")
    assert result.status == 0
    assert any(line.split()[:2] == [NAME, "digicert"] for line in result.out.splitlines())
    sums, second_opinions = result.out.splitlines()[-2:]
    assert f"{ENTRIES:,} of {ENTRIES:,} entries done, {ENTRIES:,} verified" in sums
    assert second_opinions.startswith("second opinions: 0 agreed, 0 disagreed")


def switches(run: Run) -> tuple[bool, bool]:
    """Whether the log is enabled, and whether it is paused."""
    [listed] = [each for each in json.loads(run("logs", "list", "--json").out) if each["name"] == NAME]
    return listed["enabled"], listed["paused"]


def test_switches_of_a_log(collected: Run) -> None:
    """pause and resume, disable and enable change what they say and nothing else; a disabled log can't be planned."""
    assert switches(collected) == (True, False)
    for command, state in [("pause", (True, True)), ("disable", (False, True)), ("resume", (False, False))]:
        assert collected("logs", command, NAME).status == 0
        assert switches(collected) == state
    refused = collected("plan", NAME)
    assert (refused.status, refused.out) == (1, "")
    assert f"ctcollect logs enable {NAME}" in refused.err
    assert collected("logs", "enable", NAME).status == 0
    assert switches(collected) == (True, False)


@pytest.fixture
def own_certificate(log: LocalLog) -> tuple[str, set[int]]:
    """A .jp name and the entries of the log that hold it."""
    name = next(truth.jp_names[0] for truth in log.truth if truth.kind == "co.jp")
    return name, {index for index, truth in enumerate(log.truth) if name in truth.jp_names}


def test_certificates_of_a_domain(collected: Run, own_certificate: tuple[str, set[int]]) -> None:
    """A name's certificates come with their sightings, which are all the entries that hold the name."""
    name, indices = own_certificate
    found: list[dict[str, Any]] = json.loads(collected("certificates", name, "--json").out)
    assert {sighting["index"] for each in found for sighting in each["sightings"]} >= indices
    for each in found:
        assert any(san == name or san.endswith(f".{name}") for san in each["san_names"])
        assert each["not_before"] < each["not_after"]
        assert each["not_before"].endswith("Z")
        assert {sighting["log"] for sighting in each["sightings"]} == {NAME}
    assert f"{len(found)} certificates for {name}" in collected("certificates", name).out


def test_planning_the_same_again_changes_nothing(collected: Run) -> None:
    """``plan`` says what it made wanted, rounded outward; what is done stays done."""
    before = json.loads(collected("status", "--json").out)["totals"]
    result = collected("plan", NAME, "--window", "100:200")
    assert result.status == 0
    assert f"{ENTRIES:,} entries in 1 range," in result.out
    after = json.loads(collected("status", "--json").out)["totals"]
    assert {name: after[name] for name in ("wanted", "done", "verified")} == dict.fromkeys(
        ("wanted", "done", "verified"), ENTRIES
    )
    assert after["out"] == before["out"] == 0


def test_the_default_window_and_all_shards(collected: Run) -> None:
    """Without --window seasons are wanted, of which this one may grow; --all tells what no log covers."""
    result = collected("plan", NAME)
    assert (result.status, result.out.split(" is wanted")[0]) == (0, f"{NAME}: [0, {ENTRIES:,})")
    assert result.out.endswith(", and more as the log grows\n")
    assert collected("plan", NAME, "--no-follow").status == 0
    result = collected("plan", "--season", "2024", "--all", "--no-follow")
    assert result.status == 0
    planned, *gaps = result.out.splitlines()
    assert planned.startswith(f"{NAME}: [0, {ENTRIES:,}) is wanted")
    assert gaps[0] == "not covered: up-to-10 days of validity where notAfter is from 2024-11-30 to 2025-02-10"
    assert len(gaps) == 6

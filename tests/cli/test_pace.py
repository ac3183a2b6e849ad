"""``ctcollect pace``: what it shows, what it refuses, each in a line."""

import pytest

from tests.cli.conftest import Run
from tests.coordinator.pipeline import Pipeline


def test_a_pace_is_set_shown_and_taken_back(collected: Run, collection: Pipeline) -> None:
    """It is set even when no broker can be asked to tell the workers, which is said on standard error."""
    host = collection.server.url.removeprefix("http://").rstrip("/")
    assert "no ceiling" in collected("pace").out
    said = collected("pace", host, "30/m")
    assert (said.status, said.out) == (0, f"{host}: 30/m for the fleet, 30/m for each of 0 running workers\n")
    assert said.err.count("\n") == 1
    assert [line.split()[-2:] for line in collected("pace").out.splitlines() if host in line] == [["0", "30/m"]]
    assert collected("pace", host, "auto").out.startswith(f"{host}: no ceiling for the fleet")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("ct.example.net", "5/s"), "no known log is at 'ct.example.net'"),
        (("ct.example.net", "fast"), "'fast' is no rate"),
        (("ct.example.net",), "say how often"),
        (("a", "b", "c"), "unexpected"),
    ],
)
def test_what_makes_no_sense_is_refused(collected: Run, arguments: tuple[str, ...], words: str) -> None:
    """One line, non-zero."""
    said = collected("pace", *arguments)
    assert said.status != 0
    assert words in said.err
    assert said.err.count("\n") == 1

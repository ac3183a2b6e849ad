"""The commands that README.md and docs/ show can be typed as they stand there."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import click
import pytest

from ctcollect.catalogue import queues
from ctcollect.cli import cli
from ctcollect.settings import PREFIX, Settings
from tests.services.compose import services

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
SERVICES = services((ROOT / "docker-compose.yml").read_text(), {})
# What stands for a value that the reader has to choose.
PLACEHOLDERS = {"FILE": str(ROOT / "README.md"), "DIR": ".", "N": "10", "P": "8000"}
CELERY_PROGRAMS = {"worker", "beat", "flower", "inspect", "control", "status"}


def shown_commands() -> Iterator[tuple[str, str]]:
    """(page, command) of every ctcollect and celery command, in a block of code or inline."""
    for page in PAGES:
        text = page.read_text().replace("\\\n", " ")
        blocks = re.findall(r"^```\w*\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
        lines = [line.strip() for block in blocks for line in block.splitlines()]
        lines += re.findall(r"`([^`\n]+)`", text)
        typed = map(inside_container, lines)
        yield from ((page.name, line) for line in typed if re.match(r"ctcollect |celery -A ctcollect ", line))


def inside_container(line: str) -> str:
    """What a `docker` line runs of ours, in a service's container or in one of its own; another line as it is."""
    in_service = re.match(r"docker compose exec (?:-T )?(?P<service>[\w-]+) (?P<command>ctcollect .*)", line)
    if in_service and in_service["service"] in SERVICES:
        return in_service["command"]
    of_its_own = re.match(r"docker run .*?(?= ctcollect worker )(?P<command>.*)", line)
    return of_its_own["command"].strip() if of_its_own else line


def words_of(command: str) -> list[str]:
    """As the shell splits it, without a comment, with something chosen for each placeholder."""
    words = [word.strip("[]") for word in shlex.split(command, comments=True)]
    return [PLACEHOLDERS.get(word, word) for word in words if word not in ("...", "&")]


def check_ctcollect(words: list[str]) -> None:
    """click.ClickException unless the words are a command with options and arguments that fit.

    A command that is only named, without anything behind it, need not be complete.
    """
    command: click.Command = cli
    context = click.Context(cli, info_name="ctcollect", **cli.context_settings)
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        name, *words = words
        found = command.get_command(context, name)
        if found is None:
            raise click.UsageError(f"no command {name!r}")
        command = found
    if words:
        command.make_context(command.name, words, parent=context)


def check_celery(words: list[str]) -> None:
    """AssertionError unless the program is Celery's and the queues are ours."""
    assert words[0] in CELERY_PROGRAMS
    options = dict(zip(words[1::2], words[2::2], strict=False))
    if words[0] == "worker":
        assert set(options["-Q"].split(",")) <= {*queues(), "results", "control"}
        assert re.fullmatch(r"[\w-]+@%h", options["-n"])


def test_there_are_commands_to_check() -> None:
    """The README alone shows both kinds."""
    readme = [command for page, command in shown_commands() if page == "README.md"]
    assert sum(command.startswith("ctcollect ") for command in readme) > 4
    assert sum(command.startswith("celery ") for command in readme) > 2


@pytest.mark.parametrize(("page", "command"), sorted(set(shown_commands())))
def test_a_shown_command_can_be_typed(page: str, command: str) -> None:
    """Its sub-commands, options and values exist."""
    program, *words = words_of(command)
    if program == "ctcollect":
        check_ctcollect(words)
    else:
        check_celery(words[2:])


@pytest.mark.parametrize("wrong", ["nonsense", "status --nonsense", "plan --window", "worker --friend a@b", "logs no"])
def test_a_wrong_command_would_be_found(wrong: str) -> None:
    """The check above refuses what the command line refuses."""
    with pytest.raises(click.ClickException):
        check_ctcollect(wrong.split())


@pytest.mark.parametrize("page", [page for page in PAGES if "docker" in page.read_text()], ids=lambda page: page.name)
def test_what_docker_is_told_to_do_is_there(page: Path) -> None:
    """The services that `docker compose` lines name are in the file; the files that a page points at exist."""
    lines = re.findall(r"^docker compose .*", page.read_text(), re.MULTILINE)
    named = re.findall(r" (?:exec(?: -T)?|logs --follow|--wait) ([\w-]+)", "\n".join(lines))
    named += re.findall(r" ([\w-]+):/data\b", "\n".join(lines))
    assert set(named) <= SERVICES.keys()
    for name in re.findall(r"\b(?:docker-compose[\w.-]*\.yml|\.env\.example)", page.read_text()):
        assert (ROOT / name).exists() or name == "docker-compose.override.yml"


def test_the_guides_speak_of_real_settings() -> None:
    """Each CTCOLLECT_ variable on the pages for friends and coordinators is one, and each queue too."""
    text = "".join((ROOT / "docs" / page).read_text() for page in ("friends.md", "coordinator.md"))
    known = {PREFIX + each.name.upper() for each in fields(Settings)}
    assert set(re.findall(rf"{PREFIX}\w+", text)) <= known

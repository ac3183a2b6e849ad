"""The command ``ctcollect``. Thin: each command reads its arguments, calls one function, prints what comes back."""

import sys
from collections import UserDict
from importlib import import_module
from typing import Any

import click

from ctcollect import __version__
from ctcollect.errors import CtcollectError


class Commands(UserDict[str, Any]):
    """Commands by name, made of the names of the modules that hold them: each is imported when it is asked for.

    A friend's ``ctcollect worker`` waits for none of what the others need, such as SQLAlchemy.
    """

    def __getitem__(self, name: str) -> click.Command:
        module = import_module(f"{__name__}.{self.data[name]}")
        command: click.Command = getattr(module, name.replace("-", "_"))
        return command


COMMANDS = Commands(
    {
        "demo": "run",
        "up": "run",
        "worker": "worker",
        "flower": "worker",
        "local-log": "local_log",
        "db": "database",
        "logs": "logs",
        "plan": "plan",
        "pace": "pace",
        "status": "show",
        "certificates": "show",
        "verify": "verify",
        "report": "report",
        "export": "export",
        "friend": "friends",
    }
)


@click.group(commands=COMMANDS, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="ctcollect")
def cli() -> None:
    """Collect every .jp certificate from Certificate Transparency logs with a fleet of friends' machines."""


def main() -> None:
    """Run the command; a fault is one line on standard error and a non-zero exit status."""
    try:
        cli(prog_name="ctcollect", standalone_mode=False)
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx else "ctcollect"
        _fail(f"{error.format_message()} (see '{command} --help')", error.exit_code)
    except click.ClickException as error:
        _fail(error.format_message(), error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        _fail("stopped", 130)
    except CtcollectError as error:
        _fail(str(error), 1)
    except BrokenPipeError:
        sys.exit(1)


def _fail(line: str, status: int) -> None:
    click.echo("ctcollect: " + " ".join(line.split()), err=True)
    sys.exit(status)

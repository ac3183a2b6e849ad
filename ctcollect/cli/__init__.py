"""The command ``ctcollect``. Thin: each command reads its arguments, calls one function, prints what comes back."""

import sys

import click

from ctcollect import __version__
from ctcollect.cli.database import db
from ctcollect.cli.export import export
from ctcollect.cli.friends import friend
from ctcollect.cli.logs import logs
from ctcollect.cli.pace import pace
from ctcollect.cli.plan import plan
from ctcollect.cli.report import report
from ctcollect.cli.run import demo, flower, local_log, up, worker
from ctcollect.cli.show import certificates, status
from ctcollect.cli.verify import verify
from ctcollect.errors import CtcollectError


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="ctcollect")
def cli() -> None:
    """Collect every .jp certificate from Certificate Transparency logs with a fleet of friends' machines."""


COMMANDS = (
    demo, up, worker, db, logs, plan, pace, status, certificates, verify, report, export, friend, flower, local_log,
)  # fmt: skip
for _command in COMMANDS:
    cli.add_command(_command)


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

"""The command ``local-log``."""

from datetime import datetime
from pathlib import Path

import click

from ctcollect.errors import ConfigurationError
from ctcollect.fleet.local_logs import OPERATORS, Times, parse_log_spec, serve_local_logs
from ctcollect.local_log import Files


@click.command("local-log")
@click.option("--entries", default=20_000, show_default=True, type=click.IntRange(1, 5_000_000), help="Of each log.")
@click.option("--seed", default=1, show_default=True, help="The same seed gives the same logs.")
@click.option(
    "--log",
    "specs",
    multiple=True,
    default=OPERATORS,
    show_default=True,
    metavar="NAME:OPERATOR:MAX[:ENTRIES]",
    help="A log, its operator, the most entries of an answer, its size or a file of recorded entries.",
)
@click.option("--jp-share", default=0.02, show_default=True, type=click.FloatRange(0, 1), help="Share of .jp entries.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The name to listen on, and in the log list.")
@click.option("--port", default=8600, show_default=True, type=click.IntRange(0, 65535), help="0: a free one.")
@click.option("--start", type=click.DateTime(["%Y-%m-%d"]), help="When the first entry came; default: 2024-12-01, UTC.")
@click.option(
    "--days", type=click.FloatRange(0, 3650, min_open=True), help="Entries come over so long; else one a minute."
)
@click.option(
    "--late", default=0.0, show_default=True, type=click.FloatRange(0, 1), help="Share merged up to a day late."
)
@click.option("--list", "list_file", type=click.Path(dir_okay=False, path_type=Path), help="Write the log list here.")
@click.option(
    "--truth", "truth_file", type=click.Path(dir_okay=False, path_type=Path), help="Write what each entry is."
)
@click.option("--scenarios", is_flag=True, help="Of four logs: also hold the renewal scenarios of docs/scenarios.md.")
@click.option("--static", is_flag=True, help="The log list names the logs as static-ct logs; they speak both.")
@click.option("--archive", type=click.Path(file_okay=False, path_type=Path), help="Also write each as zip files here.")
def local_log(
    entries: int,
    seed: int,
    specs: tuple[str, ...],
    jp_share: float,
    start: datetime | None,
    days: float | None,
    late: float,
    host: str,
    port: int,
    list_file: Path | None,
    truth_file: Path | None,
    scenarios: bool,
    static: bool,
    archive: Path | None,
) -> None:
    """Serve CT logs with known content on this machine, for tests and demos; Ctrl+C stops it."""
    try:
        parsed = [parse_log_spec(spec, entries) for spec in specs]
    except ConfigurationError as error:
        raise click.BadParameter(str(error), param_hint="--log") from None
    if scenarios and (start or days or late):
        raise click.UsageError("--scenarios bring times of their own: leave --start, --days and --late away")
    times = Times.spread(start, days, entries, late)
    files = Files(list_file, truth_file, archive)
    serve_local_logs(parsed, seed, jp_share, host, port, files, times, static=static, with_scenarios=scenarios)

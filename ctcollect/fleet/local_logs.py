"""Local logs from the command line: their specifications and the server."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import click

from ctcollect.catalogue import operator_named
from ctcollect.errors import ConfigurationError
from ctcollect.local_log import LocalLog, serve_forever


class LogSpec(NamedTuple):
    """A local log: its name, its operator (which decides the queue), the most entries of an answer, its size."""

    name: str
    operator: str
    max_entries: int
    entries: int


def parse_log_spec(text: str, entries: int) -> LogSpec:
    """``demo-google:Google:32`` or ``demo-google:Google:32:5000``; ConfigurationError for another shape.

    ``entries`` is the size of a log whose specification names none.
    """
    name, *rest = text.split(":")
    if not name.isprintable() or not name or "/" in name or len(rest) not in (2, 3):
        raise ConfigurationError(f"{text!r} is not NAME:OPERATOR:MAX[:ENTRIES], such as demo-google:Google:32")
    operator, *numbers = rest
    if operator_named(operator) is None:
        raise ConfigurationError(f"{operator!r} is no known operator")
    if not all(number.isdigit() and int(number) > 0 for number in numbers):
        raise ConfigurationError(f"{text!r}: MAX and ENTRIES are numbers, 1 or more")
    return LogSpec(name, operator, *map(int, [*numbers, str(entries)][:2]))


def generate_logs(specs: Sequence[LogSpec], seed: int, jp_share: float) -> list[LocalLog]:
    """One log a specification; each has a seed of its own."""
    return [
        LocalLog.generate(spec.name, spec.entries, seed + at, spec.operator, jp_share=jp_share)
        for at, spec in enumerate(specs)
    ]


def serve_local_logs(
    specs: Sequence[LogSpec],
    seed: int,
    jp_share: float,
    port: int,
    list_file: Path | None,
    truth_file: Path | None,
) -> None:
    """Generate the logs and serve them until a signal comes."""
    logs = generate_logs(specs, seed, jp_share)
    limits = {spec.name: spec.max_entries for spec in specs}
    serve_forever(logs, port, limits, list_file, truth_file, ready=click.echo)

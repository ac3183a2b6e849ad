"""Local logs from the command line: their specifications and the server."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple, Self

import click

from ctcollect.catalogue import operator_named
from ctcollect.errors import ConfigurationError
from ctcollect.local_log import Files, LocalLog, scenarios, serve_forever
from ctcollect.local_log.certificates import SctSigner
from ctcollect.local_log.content import DEFAULT_START_MS, DEFAULT_STEP_MS
from ctcollect.local_log.entries import NOTHING, Batch
from ctcollect.local_log.log import log_key
from ctcollect.local_log.recorded import read_recorded
from ctcollect.seasons import Period

# Answers as large as those operators give (CT.md has the sources): one log each, those of the demo too.
OPERATORS = (
    "demo-google:Google:32",
    "demo-cloudflare:Cloudflare:1000",
    "demo-digicert:DigiCert:256",
    "demo-trustasia:TrustAsia:256",
)


class LogSpec(NamedTuple):
    """A local log: its name, its operator (which decides the queue), the most entries of an answer, its content.

    ``content`` is how many entries to make, or a file of recorded ones.
    """

    name: str
    operator: str
    max_entries: int
    content: int | Path


class Times(NamedTuple):
    """When the entries of a local log came: from ``start_ms`` on, one each ``step_ms``, a share of them merged late."""

    start_ms: int = DEFAULT_START_MS
    step_ms: int = DEFAULT_STEP_MS
    late_share: float = 0.0

    @classmethod
    def spread(cls, start: datetime | None, days: float | None, entries: int, late_share: float) -> Self:
        """Over ``days`` from 00:00 UTC of ``start``; what is None is as by default."""
        start_ms = DEFAULT_START_MS if start is None else round(start.replace(tzinfo=UTC).timestamp() * 1000)
        step_ms = DEFAULT_STEP_MS if days is None else max(1, round(days * 86_400_000 / entries))
        return cls(start_ms, step_ms, late_share)


ONE_A_MINUTE = Times()


def parse_log_spec(text: str, entries: int) -> LogSpec:
    """``demo-google:Google:32``, ``demo-google:Google:32:5000`` or ``old:Google:32:entries.json``.

    ConfigurationError for another shape. ``entries`` is the size of a log whose specification names none.
    """
    name, operator, most, content = [*text.split(":", 3), "", "", ""][:4]
    if not name.isprintable() or not name or "/" in name or not most.isdigit() or int(most) < 1:
        raise ConfigurationError(f"{text!r} is not NAME:OPERATOR:MAX[:ENTRIES], such as demo-google:Google:32")
    if operator_named(operator) is None:
        raise ConfigurationError(f"{operator!r} is no known operator")
    return LogSpec(name, operator, int(most), _content(content, entries))


def _content(text: str, entries: int) -> int | Path:
    if not text:
        return entries
    if not text.isdigit():
        return Path(text)
    if int(text) < 1:
        raise ConfigurationError("a log has 1 entry or more")
    return int(text)


def generate_logs(specs: Sequence[LogSpec], seed: int, jp_share: float, times: Times = ONE_A_MINUTE) -> list[LocalLog]:
    """One log a specification; each has a seed of its own."""
    return [_generate(spec, seed + at, jp_share, times) for at, spec in enumerate(specs)]


def _generate(spec: LogSpec, seed: int, jp_share: float, times: Times, more: Batch = NOTHING) -> LocalLog:
    if isinstance(spec.content, Path):
        return LocalLog.from_entries(spec.name, read_recorded(spec.content), seed, spec.operator)
    return LocalLog.generate(
        spec.name, spec.content, seed, spec.operator, jp_share=jp_share, **times._asdict(), more=more
    )


def generate_with_scenarios(specs: Sequence[LogSpec], seed: int, jp_share: float) -> list[LocalLog]:
    """Four logs with the renewal scenarios among their entries; ConfigurationError when they don't fit in.

    The first two hold a few years; the other two, and so what is generated in them, a season each.
    """
    sizes = [spec.content for spec in specs if isinstance(spec.content, int)]
    if not len(sizes) == len(specs) == scenarios.LOGS:
        raise ConfigurationError(f"the renewal scenarios take exactly {scenarios.LOGS} logs, none of a file")
    contents = scenarios.log_contents(seed, [SctSigner(log_key(seed + at, spec.name)) for at, spec in enumerate(specs)])
    return [
        _generate(spec, seed + at, jp_share, _times_in(content.season, size), content.batch)
        for at, (spec, size, content) in enumerate(zip(specs, sizes, contents, strict=True))
    ]


def _times_in(season: Period | None, entries: int) -> Times:
    """One a minute, or closer together where the season would be too short for that."""
    if season is None:
        return ONE_A_MINUTE
    return Times(season.start_ms, min(DEFAULT_STEP_MS, (season.end_ms - season.start_ms) // entries))


def serve_local_logs(
    specs: Sequence[LogSpec],
    seed: int,
    jp_share: float,
    host: str,
    port: int,
    files: Files,
    times: Times = ONE_A_MINUTE,
    *,
    static: bool = False,
    with_scenarios: bool = False,
) -> None:
    """Generate the logs and serve them until a signal comes; the renewal scenarios bring times of their own."""
    if with_scenarios:
        logs = generate_with_scenarios(specs, seed, jp_share)
    else:
        logs = generate_logs(specs, seed, jp_share, times)
    limits = {spec.name: spec.max_entries for spec in specs}
    serve_forever(logs, port, limits, *files, ready=click.echo, host=host, static=static)

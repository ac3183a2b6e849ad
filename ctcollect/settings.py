"""The environment, read once into one frozen Settings. No other module reads os.environ."""

import math
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from ctcollect.egress import DIRECT, Egresses, parse_egresses
from ctcollect.errors import ConfigurationError
from ctcollect.rates import parse_host_rates

PREFIX = "CTCOLLECT_"
HostRates = tuple[tuple[str, float], ...]


def default_data_dir() -> Path:
    """``$XDG_DATA_HOME/ctcollect``, else ``~/.local/share/ctcollect``."""
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "ctcollect"


@dataclass(frozen=True, slots=True)
class Settings:
    """One field a setting; the variable is ``CTCOLLECT_`` + the field's name in upper case.

    docs/settings.md is the table for people; a test holds the two together.
    """

    # Not shown: they may hold a password.
    broker_url: str = field(default="redis://127.0.0.1:6379/0", repr=False)
    database_url: str = field(default="mysql+pymysql://root@127.0.0.1:3306/ct", repr=False)
    data_dir: Path = field(default_factory=default_data_dir)
    contact: str = ""
    broker_ca: str = ""
    allow_local_logs: bool = False
    heartbeat_file: str = ""

    # The friend's worker
    lane_concurrency: int = 4
    task_seconds: float = 60.0
    connect_timeout_seconds: float = 10.0
    read_timeout_seconds: float = 60.0
    answer_max_bytes: int = 64 * 2**20
    harvest_max_bytes: int = 2**20
    pace_start_per_second: float = 0.0
    pace_ceiling_per_second: float = 0.0
    host_paces: HostRates = ()
    hosts_without_keep_alive: str = ""
    requests_in_flight: int = 0
    proxies: Egresses = (DIRECT,)
    archives: str = ""
    spool_retry_seconds: float = 600.0
    spool_max_bytes: int = 2**30
    progress_seconds: float = 10.0
    progress_plain_seconds: float = 60.0

    # The coordinator
    feed_every_seconds: float = 5.0
    audit_every_seconds: float = 10.0
    plan_every_seconds: float = 600.0
    probe_every_seconds: float = 3600.0
    unobtainable_after_seconds: float = 14 * 86400.0
    sample_every_seconds: float = 60.0
    queue_low_water: int = 256
    results_high_water: int = 512
    results_high_water_bytes: int = 32 * 2**20
    lease_seconds: float = 1800.0
    second_opinion_share: float = 0.01
    visibility_timeout_seconds: int = 600
    coordinator_concurrency: int = 32
    oldest_client: str = ""
    public_broker_url: str = ""

    # The page
    reverse_proxies: int = 0

    # Flower, beside the page
    flower_user: str = "admin"
    flower_password: str = field(default="", repr=False)
    flower_url: str = "http://127.0.0.1:5555"


def child_environment(changes: Mapping[str, str]) -> dict[str, str]:
    """This process's environment with ``changes``, for a process that it starts."""
    return {**os.environ, **changes}


def asks_for_ascii() -> bool:
    """Whether the locale is C by name. Python takes UTF-8 all the same; who says so may have a reason."""
    return (os.environ.get("LC_ALL") or os.environ.get("LANG")) in ("C", "POSIX")


def _switch(text: str) -> bool:
    on, off = ("1", "true", "yes", "on"), ("", "0", "false", "no", "off")
    return (on + off).index(text.strip().lower()) < len(on)


def _amount(text: str) -> float:
    value = float(text)
    if not 0 <= value < math.inf:
        raise ValueError
    return value


def _whole_amount(text: str) -> int:
    _amount(text)
    return int(text)


def _path(text: str) -> Path:
    return Path(text).expanduser()


# What reads a field of this type, and what to write for it.
PARSERS: dict[Any, tuple[Callable[[str], Any], str]] = {
    bool: (_switch, "1 or 0"),
    int: (_whole_amount, "a whole number, 0 or more"),
    float: (_amount, "a number, 0 or more"),
    str: (str, "a text"),
    Path: (_path, "a path"),
    Egresses: (parse_egresses, "proxy urls"),
    HostRates: (parse_host_rates, "HOST=RATE,..."),
}


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from ``environ`` (os.environ when None); ConfigurationError names a variable that is wrong."""
    environ = os.environ if environ is None else environ
    values = {}
    for each in fields(Settings):
        variable = PREFIX + each.name.upper()
        if variable in environ:
            values[each.name] = _parse(variable, environ[variable], each.type)
    return Settings(**values)


def _parse(variable: str, text: str, kind: Any) -> Any:
    parse, expected = PARSERS[kind]
    try:
        return parse(text)
    except ConfigurationError as error:  # which does not show what may be a password
        raise ConfigurationError(f"{variable}: {error}") from None
    except (ValueError, RuntimeError):  # RuntimeError: ~ of a user without a home
        raise ConfigurationError(f"{variable} is {text!r}: write {expected}") from None

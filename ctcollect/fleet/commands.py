"""The command line of each part, with this interpreter, so that no PATH is needed."""

import sys
from collections.abc import Sequence
from pathlib import Path

CELERY = [sys.executable, "-m", "celery", "-A", "ctcollect", "--quiet"]


def friend_worker(friend: str, queue_names: Sequence[str], number: int = 1, verbose: bool = False) -> list[str]:
    """``number``: of several on one machine; what stands before the @ is the friend in any case."""
    node = f"{friend}@%h" if number == 1 else f"{friend}@%h-{number}"
    level = "info" if verbose else "warning"
    return [*CELERY, "worker", "-Q", ",".join(queue_names), "-n", node, "--loglevel", level]


def coordinator() -> list[str]:
    return [*CELERY, "worker", "-Q", "results,control", "-n", "coordinator@%h", "--loglevel", "warning"]


def beat() -> list[str]:
    return [*CELERY, "beat", "--loglevel", "warning"]


def web(port: int) -> list[str]:
    options = ["--config", "python:webapp.gunicorn_settings", "--bind", f"127.0.0.1:{port}", "--log-level", "warning"]
    return [sys.executable, "-m", "gunicorn", *options, "webapp:create_app()"]


def flower() -> list[str]:
    """Set up by its environment: flower_variables() of ctcollect/flower_login.py."""
    return [*CELERY, "flower"]


def local_log(
    specs: Sequence[str], port: int, list_file: Path, truth_file: Path, with_scenarios: bool = False
) -> list[str]:
    logs = [argument for spec in specs for argument in ("--log", spec)]
    files = ["--list", str(list_file), "--truth", str(truth_file)]
    files += ["--scenarios"] if with_scenarios else []
    return [sys.executable, "-m", "ctcollect", "local-log", *logs, "--port", str(port), *files]

"""What is wrong with a worker's command line, in one line and before anything starts.

Celery asks each option that a program adds to ``celery worker`` about its value: an option that nobody gives is asked
last, and can look at all the others.
"""

from collections.abc import Iterable
from typing import Any

import click
from celery import Celery
from celery.bin.worker import Hostname
from celery.bin.worker import worker as worker_command

from ctcollect.catalogue import queues
from ctcollect.errors import ConfigurationError
from ctcollect.friend_name import check_node_name
from ctcollect.lane_pool import LanePool
from ctcollect.routing import CONTROL, RESULTS

COORDINATOR_QUEUES = (RESULTS, CONTROL)


class NodeName(Hostname):
    """What -n takes; Celery's own ends with a traceback at a % that it does not know."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            return str(super().convert(value, param, ctx))
        except ValueError:
            line = f"{value!r} can't be a worker's name: of % only %h, %n and %d are known"
            raise click.ClickException(line) from None


def add_to(app: Celery) -> None:
    """Check the command line of every ``celery -A ctcollect worker``."""
    for parameter in worker_command.params:
        if parameter.name == "hostname":
            parameter.type = NodeName()
    option = click.Option(["--checks"], hidden=True, is_flag=True, expose_value=False, callback=_check)
    app.user_options["worker"].add(option)


def _check(context: click.Context, _parameter: click.Parameter, _value: object) -> None:
    try:
        check_worker(context.params)
    except ConfigurationError as error:
        raise click.ClickException(str(error)) from None


def check_worker(options: dict[str, Any]) -> None:
    """ConfigurationError unless the options of ``celery worker`` make a worker of ours."""
    names = options.get("queues") or (*queues(), *COORDINATOR_QUEUES)
    _check_queues(names)
    if set(names).isdisjoint(queues()):
        return
    if set(names).isdisjoint(COORDINATOR_QUEUES):
        check_node_name(options["hostname"] or "")
    if options["autoscale"] or options["pool"] is not LanePool:
        raise ConfigurationError("a worker has threads of its own for each queue: leave --pool and --autoscale away")


def _check_queues(names: Iterable[str]) -> None:
    known = (*queues(), *COORDINATOR_QUEUES)
    for name in names:
        if name not in known:
            raise ConfigurationError(f"{name!r} is no queue: choose from {', '.join(known)}")

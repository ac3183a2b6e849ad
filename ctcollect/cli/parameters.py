"""Arguments that several commands take, checked as they are read."""

import click

from ctcollect.catalogue import queues, usual_queues
from ctcollect.friend_name import is_friend_name
from ctcollect.settings import load

QUEUES_HELP = "Comma list; default: all, archive only if CTCOLLECT_ARCHIVES is set."


def queue_names(_context: click.Context, _parameter: click.Parameter, value: str | None) -> tuple[str, ...]:
    """A comma list of queues, each once; all of them when nothing is given."""
    names = tuple(dict.fromkeys(name.strip() for name in value.split(","))) if value else queues()
    for name in names:
        if name not in queues():
            raise click.BadParameter(f"{name!r} is no queue: choose from {', '.join(queues())}")
    return names


def served_queues(context: click.Context, parameter: click.Parameter, value: str | None) -> tuple[str, ...]:
    """The queues of a worker on this machine: without a word that of archives only if CTCOLLECT_ARCHIVES is set."""
    return queue_names(context, parameter, value) if value else usual_queues(bool(load().archives.strip()))


def friend_name(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    """Characters that neither Celery nor Redis trips on, and no name that the project itself uses."""
    if not is_friend_name(value):
        raise click.BadParameter(f"{value!r} can't be a friend's name: use up to 31 letters, digits, - and _")
    return value

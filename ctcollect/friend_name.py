"""What a friend may be called: nothing that Celery, Redis or a list of names would read as something else."""

import re

from ctcollect.errors import ConfigurationError

FRIEND_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,30}")
HOST_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
# The coordinator's own processes and users of Redis, and a worker that was given no name.
RESERVED = ("coordinator", "admin", "default", "celery")


def is_friend_name(name: str) -> bool:
    """Up to 31 letters, digits, - and _, and no name that the project or Celery itself uses."""
    return FRIEND_NAME.fullmatch(name) is not None and name not in RESERVED


def check_friend_name(name: str) -> str:
    """``name``; ConfigurationError when it can't be a friend's."""
    if not is_friend_name(name):
        raise ConfigurationError(f"{name!r} can't be a friend's name: use up to 31 letters, digits, - and _")
    return name


def check_node_name(name: str) -> str:
    """``name``, a friend's worker as friend@host; ConfigurationError when Celery or Redis would trip on it."""
    friend, _, host = name.partition("@")
    if friend == "celery":
        raise ConfigurationError("say whose worker this is: -n alice@%h")
    check_friend_name(friend)
    if not HOST_NAME.fullmatch(host):
        raise ConfigurationError(f"{name!r} can't be a worker's name: after the @ use letters, digits, . - and _")
    return name

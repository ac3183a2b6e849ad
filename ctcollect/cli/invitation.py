"""The text of an invitation: one command that a friend copies, in the form for Docker and in the form for pip."""

import shlex
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

from ctcollect.broker_url import ca_on_one_line, check_broker_url
from ctcollect.catalogue import queues
from ctcollect.certificate_authority import CA_FILE, CA_KEY_FILE, SERVER_FILE, SERVER_KEY_FILE
from ctcollect.coordinator.accounts import Invited
from ctcollect.settings import Settings

NOT_KEPT = (
    "This Redis has no ACL file: when it is started again it has forgotten the account, and the coordinator makes it "
    "anew from the database. With 'aclfile /etc/redis/users.acl' in redis.conf Redis keeps it itself."
)

CONTAINER = (
    *("docker", "run", "--detach", "--restart", "unless-stopped", "--name", "ctcollect"),
    *("--volume", "ctcollect:/data", "--log-opt", "max-size=10m", "--log-opt", "max-file=2"),
)
INSTALL = "python3 -m venv .venv && .venv/bin/pip install --constraint constraints.txt ."


def personal_url(settings: Settings, invited: Invited) -> str:
    """The broker's public address with the friend's name and password; ConfigurationError when it can't be used."""
    public = settings.public_broker_url or settings.broker_url
    check_broker_url(public, "CTCOLLECT_PUBLIC_BROKER_URL")
    parts = urlsplit(public)
    place = parts.netloc.rpartition("@")[2]
    netloc = f"{quote(invited.friend)}:{quote(invited.password, safe='')}@{place}"
    return urlunsplit((parts.scheme, netloc, parts.path or "/0", "", ""))


def commands(settings: Settings, invited: Invited, image: str) -> tuple[str, str]:
    """(docker, pip): what to send to the friend; the queues are named only when they are not all.

    The container keeps its spool in a volume and little output; the form for pip is for a checkout.
    """
    environment = {"CTCOLLECT_BROKER_URL": personal_url(settings, invited)}
    if environment["CTCOLLECT_BROKER_URL"].startswith("rediss:") and settings.broker_ca:
        environment["CTCOLLECT_BROKER_CA"] = ca_on_one_line(settings.broker_ca)
    worker = ["worker", "--friend", invited.friend, *_queues_option(invited.queues)]
    pairs = [f"{name}={value}" for name, value in environment.items()]
    docker = [*CONTAINER, *(word for pair in pairs for word in ("--env", pair)), image, *worker]
    return shlex.join(docker), f"{INSTALL} && {shlex.join(['env', *pairs, '.venv/bin/ctcollect', *worker])}"


def _queues_option(names: Sequence[str]) -> list[str]:
    return [] if set(names) == set(queues()) else ["--queues", ",".join(names)]


def redis_configuration(directory: Path, host: str) -> str:
    """Lines for redis.conf and for the coordinator's environment, with what is to be done with the files."""
    return f"""For redis.conf, on the broker, whose user must be able to read the files:

port 0
tls-port 6380
tls-cert-file {directory / SERVER_FILE}
tls-key-file {directory / SERVER_KEY_FILE}
tls-auth-clients no
aclfile /etc/redis/users.acl
proto-max-bulk-len 64mb
maxmemory 56mb
maxmemory-policy noeviction

For the environment of the coordinator, whose invitations then carry the CA's certificate:

CTCOLLECT_BROKER_CA={directory / CA_FILE}
CTCOLLECT_PUBLIC_BROKER_URL=rediss://{host if ":" not in host else f"[{host}]"}:6380/0

{directory / CA_KEY_FILE} is needed only to make another certificate: keep it where no server reads it."""

"""What is checked before a worker or beat begins, also one that the plain celery command starts: a line, not a wait."""

import logging
from typing import Any

from celery import Celery
from celery.signals import beat_init, celeryd_init, worker_init

from ctcollect.broker_faults import explain, is_lasting
from ctcollect.harvest import friend_of
from ctcollect.remote_control import switch_off_harmful_commands
from ctcollect.routing import CONTROL, RESULTS, account_of

logger = logging.getLogger(__name__)


@celeryd_init.connect
def check_account(sender: str, conf: Any, options: dict[str, Any], **_: Any) -> None:
    """A friend's account serves friends' queues, under the friend's name. ``sender`` is the worker's name."""
    switch_off_harmful_commands()
    account = account_of(conf.broker_url)
    if not account:
        return
    chosen = options.get("queues") or (RESULTS, CONTROL)
    names = set(chosen.split(",") if isinstance(chosen, str) else chosen)
    if names & {RESULTS, CONTROL}:
        raise SystemExit(
            f"ctcollect: {account!r} in CTCOLLECT_BROKER_URL is a friend's account: name queues to read with -Q; "
            "a coordinator's user is called default, coordinator or admin"
        )
    if friend_of(str(sender)) != account:
        raise SystemExit(f"ctcollect: the account is {account}'s: start this worker with -n {account}@%h")


@worker_init.connect
def check_workers_broker(sender: Any, **_: Any) -> None:
    _check_broker(sender.app)


@beat_init.connect
def check_beats_broker(sender: Any, **_: Any) -> None:
    _check_broker(sender.app)


def _check_broker(app: Celery) -> None:
    """A broker that is away comes back, and Celery says that it waits; a wrong password stays wrong."""
    try:
        with app.connection_for_write() as connection:
            connection.ensure_connection(max_retries=1, interval_start=0)
            connection.default_channel.client.ping()
    except Exception as error:  # what redis-py, kombu and ssl raise has no other name in common
        if is_lasting(error):
            raise SystemExit(f"ctcollect: {explain(error)}") from None
        logger.warning("%s: waiting for it", explain(error))

"""What is checked before a worker or beat begins, also one that the plain celery command starts: a line, not a wait."""

import logging
from typing import Any

from celery import Celery
from celery.signals import beat_init, celeryd_init, worker_init

from ctcollect.broker import Broker
from ctcollect.errors import BrokerUnavailable
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
    """Also that a friend's account may read each of the queues: Redis would refuse them all together."""
    _check_broker(sender.app)
    if account_of(sender.app.conf.broker_url):
        try:
            for queue in sender.app.amqp.queues.consume_from:
                Broker(sender.app).depth(queue)
        except BrokerUnavailable as error:
            if error.is_lasting:
                raise SystemExit(f"ctcollect: the account does not serve {queue}: leave it out of -Q") from None


@beat_init.connect
def check_beats_broker(sender: Any, **_: Any) -> None:
    _check_broker(sender.app)


def _check_broker(app: Celery) -> None:
    """A broker that is away comes back, and Celery says that it waits; a wrong password stays wrong."""
    try:
        Broker(app).ping()
    except BrokerUnavailable as error:
        if error.is_lasting:
            raise SystemExit(f"ctcollect: {error}") from None
        logger.warning("%s: waiting for it", error)

"""Before a coordinator's worker begins: its database must be of this version, its data folder one to write into."""

import logging
from typing import Any

from celery.signals import worker_init

from ctcollect.catalogue import queues
from ctcollect.celery import app
from ctcollect.coordinator import leaf_files
from ctcollect.coordinator.context import context
from ctcollect.errors import ConfigurationError, DiskUnavailable, StoreUnavailable
from ctcollect.store import schema

logger = logging.getLogger(__name__)


@worker_init.connect
def take_own_concurrency(sender: Any, **_: Any) -> None:
    """Unless ``--concurrency`` is given: then it differs from the setting for friends' workers, with which Celery
    fills it before any signal. Groups of harvests are as large as the threads allow."""
    fetches = not set(queues()).isdisjoint(app.amqp.queues.consume_from)
    if not fetches and sender.concurrency == app.conf.worker_concurrency:
        sender.concurrency = context().settings.coordinator_concurrency
    # While one group is written the other half of the threads may read the next one.
    context().groups.enough = max(1, sender.concurrency // 2)


@worker_init.connect
def check_database(**_: Any) -> None:
    """A database that is away comes back, and harvests wait; one of another version ends the worker, in a line."""
    try:
        schema.check(context().store)
    except StoreUnavailable as error:
        logger.warning("%s", error)
    except ConfigurationError as error:
        raise SystemExit(f"ctcollect: {error}") from None


@worker_init.connect
def check_data_dir(**_: Any) -> None:
    """No harvest could be recorded: better to say so now, in a line, than with the first of them."""
    try:
        leaf_files.check_writable(context().settings.data_dir)
    except DiskUnavailable as error:
        raise SystemExit(f"ctcollect: {error}") from None

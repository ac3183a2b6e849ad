"""Before a coordinator's worker begins: its database must be of this version."""

import logging
from typing import Any

from celery.signals import worker_init

from ctcollect.coordinator.context import context
from ctcollect.errors import ConfigurationError, StoreUnavailable
from ctcollect.store import schema

logger = logging.getLogger(__name__)


@worker_init.connect
def check_database(**_: Any) -> None:
    """A database that is away comes back, and harvests wait; one of another version ends the worker, in a line."""
    try:
        schema.check(context().store)
    except StoreUnavailable as error:
        logger.warning("%s", error)
    except ConfigurationError as error:
        raise SystemExit(f"ctcollect: {error}") from None

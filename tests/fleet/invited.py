"""Friends as they come in: with the url out of the command that ``ctcollect friend add`` prints."""

import re
from typing import Any
from urllib.parse import urlsplit

import redis
from celery import Celery

from ctcollect.broker import Broker
from ctcollect.catalogue import queues
from ctcollect.coordinator import accounts
from ctcollect.coordinator.context import Context
from ctcollect.settings import load
from tests.fleet.fleet import Fleet
from tests.services.redis import RedisServer

URL = re.compile(r"CTCOLLECT_BROKER_URL=(\S+)")
CA = re.compile(r"CTCOLLECT_BROKER_CA=(\S+)")


def invite(fleet: Fleet, friend: str, *options: str) -> str:
    """The broker's url in the friend's invitation."""
    found = URL.search(fleet.command("friend", "add", friend, *options))
    assert found
    assert urlsplit(found[1]).username == friend
    return found[1]


def invite_here(fleet: Fleet, server: RedisServer, friend: str) -> str:
    """The same without the command, whose start takes a while."""
    context = Context(load({}), fleet.store, Broker(Celery(broker=server.url)))
    password = accounts.invite(context, friend, queues(), renew=False).password
    return server.url.replace("://", f"://{friend}:{password}@")


def connected(url: str) -> redis.Redis:
    """What a friend does who leaves the worker alone and talks to Redis herself; close it, best with ``with``."""
    return redis.Redis.from_url(url, protocol=2)


def contents(client: redis.Redis) -> dict[bytes, Any]:
    """All that a Redis holds, and who may do what there."""
    held: dict[bytes, Any] = {key: client.dump(key) for key in client.scan_iter()}
    held[b"users"] = client.acl_list()
    return held

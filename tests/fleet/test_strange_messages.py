"""What a friend who was invited may put into her own list, however strange: it harms neither coordinator nor others."""

import base64
import zlib
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
import redis
from sqlalchemy import select

from ctcollect.models import RefusedHarvestRow
from ctcollect.store import refused
from tests.fleet.fleet import Fleet
from tests.fleet.invited import connected, invite
from tests.services.processes import wait_until
from tests.services.redis import RedisServer

RECORD = "ctcollect.record"
GARBAGE: list[Any] = [{"what": "ever"}, "alice@here"]
# What Celery would publish after a task, as the coordinator.
SIGNATURE = {"task": "ctcollect.fetch.cloudflare", "args": [{}], "kwargs": {}, "options": {"queue": "cloudflare"}}
HUGE_BYTES = 65 * 2**20


def encoded(body: object) -> str:
    return base64.b64encode(orjson.dumps(body)).decode()


def message(
    task: str = RECORD, args: object = GARBAGE, embedded: Any = None, headers: Any = None, **parts: Any
) -> bytes:
    """An envelope as Celery makes it, with something else in some places."""
    next_tasks = {"callbacks": None, "errbacks": None, "chain": None, "chord": None} | (embedded or {})
    document = {
        "body": encoded([args, {}, next_tasks]),
        "content-encoding": "utf-8",
        "content-type": "application/json",
        "headers": {"lang": "py", "task": task, "id": "0" * 8, "argsrepr": "", "kwargsrepr": ""} | (headers or {}),
        "properties": {
            "body_encoding": "base64",
            "delivery_tag": "always the same",
            "delivery_info": {"exchange": "", "routing_key": "results"},
            "delivery_mode": 2,
            "priority": 0,
        },
    }
    return orjson.dumps(document | parts)


def without(part: str) -> bytes:
    document = orjson.loads(message())
    del document[part]
    return orjson.dumps(document)


BOMB = base64.b64encode(zlib.compress(b"[" * 10**7)).decode()
STRANGE: dict[str, bytes] = {
    "no JSON": b"\xff{nonsense",
    "nothing": b"",
    "null": b"null",
    "a list": b"[1, 2]",
    "a number": b"1" * 5000,
    "deep nesting": b"[" * 100_000,
    "deep nesting in the body": message(body=base64.b64encode(b"[" * 100_000).decode()),
    "a harvest nested deep": message(body=base64.b64encode(b'[[{"a":' * 900 + b"1" + b"}]]" * 900).decode()),
    "far too large": b'{"body": "' + b"A" * HUGE_BYTES + b'"}',
    "no body": without("body"),
    "a body that is a list": message(body=[1]),
    "a body that is no base64": message(body="!!"),
    "a body that is pickle": message(
        **{"content-type": "application/x-python-serialize", "body": base64.b64encode(b"cos\nsystem\n.").decode()}
    ),
    "no headers": without("headers"),
    "headers that are a list": message(headers=None)
    .replace(b'"headers":{', b'"headers":[{', 1)
    .replace(b'"kwargsrepr":""}', b'"kwargsrepr":""}]', 1),
    "no properties": without("properties"),
    "strange properties": message(properties={"delivery_tag": None, "delivery_info": 7, "body_encoding": "rot13"}),
    "no content type": without("content-type"),
    "pickle by its name": message(**{"content-type": "application/x-python-serialize"}),
    "another encoding": message(**{"content-encoding": "gzip"}),
    "a compression bomb": message(headers={"compression": "application/x-gzip"}, body=BOMB),
    "an unknown task": message("ctcollect.nonsense"),
    "a task that is a list": message(headers={"task": ["ctcollect.record"]}),
    "the coordinator's own task": message("ctcollect.plan", []),
    "an order": message("ctcollect.fetch.google", [{}]),
    "a chain": message("celery.chain", [SIGNATURE]),
    "a built-in task": message("celery.backend_cleanup", []),
    "a call of another task": message("celery.map", [SIGNATURE, [1]]),
    "callbacks": message(embedded={"callbacks": [SIGNATURE]}),
    "errbacks": message(embedded={"errbacks": [SIGNATURE]}),
    "a task behind it": message(embedded={"chain": [SIGNATURE]}),
    "a chord": message(embedded={"chord": SIGNATURE}),
    "an answer to another list": message(headers={"reply_to": "cloudflare"}, properties={"reply_to": "cloudflare"}),
    "a far future": message(headers={"eta": "2999-01-01T00:00:00+00:00"}),
    "a future that is none": message(headers={"eta": {"year": 1}}),
    "an end that is none": message(headers={"expires": ["never"]}),
    "many retries": message(headers={"retries": 10**9, "timelimit": ["x", "y"], "group": 1, "stamps": 5}),
    "too few arguments": message(args=[]),
    "too many arguments": message(args=[1] * 100),
    "arguments that are an object": message(args={"harvest": {}}),
    "keywords": message(body=encoded([GARBAGE, {"self": 1}, {}])),
    "a message of the first protocol": orjson.dumps(
        {"body": encoded({"task": "ctcollect.plan", "id": "1", "args": []}), "headers": {}, "properties": {}}
    ),
    "no harvest": message(),
    "a harvest of nulls": message(args=[None, None]),
    "a name of another": message(args=[{"version": 1}, "bob@home"]),
}


@pytest.fixture(scope="module")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """The fleet's own Redis."""
    with RedisServer(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory, redis_server: RedisServer) -> Iterator[Fleet]:
    """A coordinator without beat: nothing but the messages makes it do anything."""
    folder = tmp_path_factory.mktemp("fleet")
    with Fleet(folder, redis_server.url, f"sqlite:///{folder}/ct.sqlite") as fleet:
        fleet.start_worker("coordinator", "results", "control")
        yield fleet


@pytest.fixture(scope="module")
def alice(fleet: Fleet) -> Iterator[redis.Redis]:
    """Connected with nothing but her invitation."""
    with connected(invite(fleet, "alice")) as client:
        yield client


def refused_so_far(fleet: Fleet) -> int:
    with fleet.store.reading() as session:
        return refused.count(session)


@pytest.mark.parametrize("name", STRANGE)
def test_a_strange_message_is_set_aside(fleet: Fleet, alice: redis.Redis, redis_server: RedisServer, name: str) -> None:
    """It becomes one refused harvest; the coordinator goes on, holds nothing of it and has published nothing."""
    before = refused_so_far(fleet)
    alice.lpush("results.alice", STRANGE[name])
    wait_until(lambda: refused_so_far(fleet) > before, "the message set aside", 15)
    fleet.check()
    assert refused_so_far(fleet) == before + 1
    with redis_server.client() as admin:
        wait_until(lambda: not admin.exists("unacked"), "the message acknowledged", 5)
        assert admin.exists("cloudflare", "google", "control", "results", "results.alice") == 0
    assert "Traceback" not in fleet.parts["coordinator"].output()


def test_all_of_it_is_told_as_hers(fleet: Fleet) -> None:
    """Each refusal bears the name of the account; by then nobody trusts it any more, and bob is not known at all."""
    with fleet.store.reading() as session:
        workers = session.scalars(select(RefusedHarvestRow.worker))
        assert {worker.partition("@")[0] for worker in workers} == {"alice"}
    listed = fleet.command("friend", "list")
    assert "bob" not in listed
    assert "Traceback" not in fleet.parts["coordinator"].output()

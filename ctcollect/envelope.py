"""What lies in the broker's lists is looked at before Celery believes it: PURE, bytes in, a message out.

A message of Celery carries more than its task: callbacks, chains, times at which to run, compression, where to send
answers. Whoever may put one item into a list could make its receiver publish, wait or unpack things. So a message is
made anew from the few parts of it that this project uses; one that has anything else in it is no message of ours.
"""

import re
from typing import Any
from uuid import uuid4

import orjson
import pybase64

from ctcollect.catalogue import queues
from ctcollect.errors import StrangeMessage
from ctcollect.routing import CONTROL, RECORD_TASK, RESULTS, account_behind, fetch_task

MAX_ITEM_BYTES = 64 * 2**20
TASK_ID = re.compile(r"[0-9A-Za-z-]{1,64}")
COORDINATOR_TASK = re.compile(r"ctcollect\.[a-z_]+")
EXPIRES = re.compile(r"[0-9T:.+Z-]{1,40}")
# How many arguments a task takes that comes by a queue.
RECORD_ARGUMENTS, FETCH_ARGUMENTS, CONTROL_ARGUMENTS = 2, 1, 0
NO_EMBEDDED_TASKS = {"callbacks": None, "errbacks": None, "chain": None, "chord": None}


def read_message(item: bytes, queue: str) -> dict[str, Any]:
    """The message that kombu is given for an item of ``queue``; StrangeMessage for what is no message of ours.

    Its routing key is the queue that it was taken from, whatever it says of itself.
    """
    if len(item) > MAX_ITEM_BYTES:
        raise StrangeMessage(f"a message of {len(item):,} bytes")
    try:
        document = orjson.loads(item)
    except ValueError as error:
        raise StrangeMessage(f"a message that is no JSON: {error}") from None
    if not isinstance(document, dict) or not isinstance(document.get("body"), str):
        raise StrangeMessage("a message without a body")
    if not carries_tasks(queue):
        return _plain(document)
    headers = document.get("headers")
    if not isinstance(headers, dict):
        raise StrangeMessage("a message without headers")
    task = str(headers.get("task"))
    _check_body(document["body"], _arguments_of(task, queue))
    return make_message(queue, task, document["body"], headers)


def carries_tasks(queue: str) -> bool:
    """Whether a list is one of the queues, and not one of those in which answers to remote control wait."""
    return queue in (RESULTS, CONTROL, *queues()) or account_behind(RESULTS, queue) != ""


def _arguments_of(task: str, queue: str) -> int:
    """How many arguments this task takes; StrangeMessage when it has no business in this queue."""
    if queue in queues():
        if task == fetch_task(queue):
            return FETCH_ARGUMENTS
    elif queue != CONTROL:
        if task == RECORD_TASK:
            return RECORD_ARGUMENTS
    elif COORDINATOR_TASK.fullmatch(task) and task != RECORD_TASK:
        return CONTROL_ARGUMENTS
    raise StrangeMessage(f"{task!r:.80} does not come by {queue}")


def _check_body(body: str, arguments: int) -> None:
    """[arguments, keywords, tasks to publish next], of which only the first may hold something."""
    try:
        content = orjson.loads(pybase64.b64decode(body, validate=True))
        args, kwargs, embedded = content
        is_plain = type(args) is list and kwargs == {} and embedded in ({}, NO_EMBEDDED_TASKS)
    except (TypeError, ValueError) as error:
        raise StrangeMessage(f"a body that can't be read: {error}") from None
    if not is_plain or len(args) != arguments:
        raise StrangeMessage("a body with more in it, or less, than a task's arguments")


def make_message(queue: str, task: str, body: str, headers: dict[str, Any]) -> dict[str, Any]:
    """A message with a tag that no other one has. Of ``headers`` the id counts and, among the coordinator's, expiry."""
    given, expires = headers.get("id"), headers.get("expires")
    task_id = given if isinstance(given, str) and TASK_ID.fullmatch(given) else str(uuid4())
    redelivered = headers.get("redelivered") is True
    may_expire = queue == CONTROL and isinstance(expires, str) and EXPIRES.fullmatch(expires)
    return {
        "body": body,
        "content-type": "application/json",
        "content-encoding": "utf-8",
        "headers": {
            "lang": "py",
            "task": task,
            "id": task_id,
            "root_id": task_id,
            "expires": expires if may_expire else None,
            "redelivered": redelivered,
            "argsrepr": "",
            "kwargsrepr": "",
        },
        "properties": {
            "body_encoding": "base64",
            "correlation_id": task_id,
            "delivery_info": {"exchange": "", "routing_key": queue, "redelivered": redelivered},
            "delivery_mode": 2,
            "delivery_tag": str(uuid4()),
            "priority": 0,
        },
    }


def record_of(reason: str, queue: str) -> dict[str, Any]:
    """Stands in for a strange message among the harvests: the recorder refuses it, and knows whose list it was in."""
    body = pybase64.b64encode_as_string(orjson.dumps([[{"strange_message": reason}, ""], {}, NO_EMBEDDED_TASKS]))
    return make_message(queue, RECORD_TASK, body, {})


def _plain(document: dict[str, Any]) -> dict[str, Any]:
    """An answer to remote control, or what another program keeps in this Redis: only its shape is looked at."""
    headers, properties = document.get("headers") or {}, document.get("properties")
    if not isinstance(headers, dict) or not isinstance(properties, dict) or "compression" in headers:
        raise StrangeMessage("a message with strange headers")
    if not isinstance(properties.get("delivery_tag"), str) or not isinstance(properties.get("delivery_info"), dict):
        raise StrangeMessage("a message without a delivery tag")
    return document

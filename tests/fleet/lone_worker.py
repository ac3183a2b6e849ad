"""A friend's worker without a coordinator: the test puts its orders into the queues and looks at what is left there."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

from celery import Celery
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from ctcollect.harvest import Order
from ctcollect.local_log import LocalLogServer
from ctcollect.ranges import UNIT_ENTRIES
from ctcollect.routing import fetch_task
from tests.services.processes import Process, ProcessGroup, wait_until
from tests.services.programs import find_program
from tests.services.redis import RedisServer

NODE = "alice@here"


def send_orders(app: Celery, server: LocalLogServer, name: str, queue: str, count: int) -> None:
    """``count`` sub-ranges of one unit each, from the start of a log of ``server``."""
    log, url = server.logs[name], server.log_url(name)
    for start in range(0, count * UNIT_ENTRIES, UNIT_ENTRIES):
        end = start + UNIT_ENTRIES
        order = Order(log.log_id.hex(), name, url, "rfc6962", queue, start, end, batch_entries=UNIT_ENTRIES)
        app.send_task(fetch_task(queue), [order.to_json()], queue=queue)


class LoneWorker:
    """One worker of alice in a ``with`` block; ``options`` are the worker's, ``variables`` its environment's.

    ``wrapper`` is a command that starts what stands behind it.
    """

    def __init__(
        self,
        folder: Path,
        redis: RedisServer,
        queues: Sequence[str],
        *options: str,
        wrapper: Sequence[str] = (),
        **variables: str,
    ) -> None:
        self.redis = redis
        self.app = Celery(broker=redis.url)
        self.app.conf.broker_transport_options = {"priority_steps": [0]}
        self._processes = ProcessGroup(folder)
        worker = ["-A", "ctcollect", "worker", "-Q", ",".join(queues), "-n", NODE]
        self._command: list[str | Path] = [*wrapper, find_program("celery"), *worker, *options]
        self._environment = {
            "CTCOLLECT_BROKER_URL": redis.url,
            "CTCOLLECT_DATA_DIR": str(folder / "data"),
            "CTCOLLECT_ALLOW_LOCAL_LOGS": "1",
            **variables,
        }
        self.process: Process

    def __enter__(self) -> Self:
        self.process = self._processes.start(self._command, self._environment)
        return self

    def __exit__(self, *exception: Any) -> None:
        self._processes.__exit__(*exception)
        self.app.close()

    def order(self, server: LocalLogServer, name: str, queue: str, count: int) -> None:
        send_orders(self.app, server, name, queue, count)

    def announce(self, **document: Any) -> None:
        """As the coordinator does."""
        self.app.control.broadcast("announce", arguments=document)

    def waiting(self, queue: str) -> int:
        """How many messages are in a queue, a worker's own not counted."""
        with self.redis.client() as client:
            return int(client.llen(queue))

    def lanes(self) -> dict[str, dict[str, Any]]:
        """What ``celery inspect lanes`` shows of it; nothing while it does not answer."""
        return self._ask("lanes")

    def pid(self) -> int:
        """Of the worker itself, whatever it is wrapped in."""
        return int(wait_until(lambda: self._ask("stats"), "figures of alice")["pid"])

    def _ask(self, command: str) -> dict[str, Any]:
        try:
            with self.app.connection_for_write() as connection:  # no pool: this Redis is killed now and then
                answers = self.app.control.inspect([NODE], timeout=0.5, connection=connection)._request(command)
        except (OperationalError, RedisError, OSError):
            return {}
        return dict((answers or {}).get(NODE, {}))

    def busy(self, queue: str) -> int:
        return int(self.lanes().get(queue, {}).get("busy", -1))

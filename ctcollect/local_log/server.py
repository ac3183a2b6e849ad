"""The local log's HTTP server: RFC 6962 and static-ct-api for each of its logs, GET /stats, POST /faults."""

import threading
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Self
from urllib.parse import parse_qsl

import orjson

from ctcollect.errors import ConfigurationError
from ctcollect.local_log import endpoints, log_list, static_ct
from ctcollect.local_log.faults import Faults
from ctcollect.local_log.log import LocalLog
from ctcollect.local_log.messages import TEXT, Answer, Request
from ctcollect.local_log.statistics import Statistics
from ctcollect.local_log.transport import HttpServer
from ctcollect.protocol.static_ct import origin_of


class LocalLogServer:
    """Serves logs on ``host``:``port`` (0 for a free one) from start() to stop(); a context manager.

    ``max_entries``: the most that get-entries gives, for all logs or by name. ``align``: cut full answers on
    its multiples. ``gzip``: compress for clients that accept it. ``faults`` may be replaced at any time.
    Every log speaks RFC 6962 and static-ct-api; ``static``: the log list names them for the latter.
    """

    def __init__(
        self,
        logs: Sequence[LocalLog],
        host: str = "127.0.0.1",
        port: int = 0,
        max_entries: int | Mapping[str, int] = 256,
        align: bool = True,
        faults: Faults | None = None,
        gzip: bool = False,
        static: bool = False,
    ) -> None:
        """ConfigurationError when two logs have one name, a limit is missing, or the port is taken."""
        self.logs = {log.name: log for log in logs}
        self.max_entries = dict.fromkeys(self.logs, max_entries) if isinstance(max_entries, int) else max_entries
        if len(self.logs) < len(logs) or not all(self.max_entries.get(name, 0) > 0 for name in self.logs):
            raise ConfigurationError("local logs: each needs a name of its own and max_entries of 1 or more")
        self.align = align
        self.static = static
        self.faults = faults or Faults()
        self.statistics = Statistics(self.logs)
        self._http = HttpServer(host, port, self.get, self.post, compress=gzip)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        """``http://host:port/``."""
        return self._http.url

    def log_url(self, name: str) -> str:
        """The log's submission prefix, with a slash at its end; ``ct/v1/...`` follows."""
        return f"{self.url}{name}/"

    def monitoring_url(self, name: str) -> str:
        """Where the log's files of static-ct-api are; ``checkpoint`` or ``tile/...`` follows."""
        return self.log_url(name) + static_ct.PREFIX

    def log_list(self) -> dict[str, Any]:
        """A log list of these logs in the shape of Chrome's, version 3."""
        return log_list.chrome_v3(self.logs.values(), self.log_url, self.monitoring_url if self.static else None)

    def stats(self) -> dict[str, Any]:
        """Counters since the start, as GET /stats gives them."""
        return self.statistics.document()

    def start(self) -> Self:
        self._thread.start()
        return self

    def stop(self) -> None:
        """Close every connection; pauses end, answers under way break off. Harmless when called twice."""
        self.faults.stop()
        if self._thread.is_alive():
            self._http.shutdown()
            self._thread.join()
        self._http.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def get(self, path: str, client: str) -> Answer:
        """The answer to a GET of ``path`` with its query."""
        address, _, query = path.partition("?")
        if address == "/stats":
            return Answer(orjson.dumps(self.stats()))
        name, endpoint, file_path = endpoints.endpoint_at(address)
        if name not in self.logs or not endpoint:
            return endpoints.refusal_answer(HTTPStatus.NOT_FOUND, "no such log or endpoint")
        log = self.logs[name]
        request = Request(
            log,
            endpoint,
            dict(parse_qsl(query)),
            client,
            log.published,
            self.max_entries[name],
            self.align,
            file_path,
            origin_of(self.log_url(name)),
        )
        answer = self.faults.respond(endpoints.respond, request)
        self.statistics.count(request, answer)
        return answer

    def post(self, path: str, body: bytes) -> Answer:
        """POST /faults: the faults of this JSON document take the place of the present ones."""
        if path != "/faults":
            return endpoints.refusal_answer(HTTPStatus.METHOD_NOT_ALLOWED, "method not allowed: POST")
        try:
            self.faults = Faults.from_document(orjson.loads(body))
        except (orjson.JSONDecodeError, ConfigurationError) as error:
            return endpoints.refusal_answer(HTTPStatus.BAD_REQUEST, str(error))
        return Answer(b"", HTTPStatus.NO_CONTENT, TEXT)

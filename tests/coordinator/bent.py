"""Answers of a local log's server, bent on their way."""

from collections.abc import Callable
from dataclasses import replace

from ctcollect.local_log.messages import Answer
from tests.coordinator.pipeline import Pipeline

Bend = Callable[[str, Answer], Answer]


def bend(pipeline: Pipeline, bent: Bend) -> None:
    """From now on ``bent(path, answer)`` is answered, with the path behind the log's monitoring url."""
    http = pipeline.server._http
    honest = pipeline.server.get

    def get(path: str, client: str) -> Answer:
        return bent(path.partition("/static/")[2] or path, honest(path, client))

    http.get = get


def body(change: Callable[[bytes], bytes], prefix: str) -> Bend:
    """Change the body of files whose path begins so."""

    def bent(path: str, answer: Answer) -> Answer:
        return replace(answer, body=change(answer.body)) if path.startswith(prefix) else answer

    return bent


def missing(*prefixes: str) -> Bend:
    """404 for files whose path begins so."""
    gone = Answer(b"not found", 404)
    return lambda path, answer: gone if path.startswith(prefixes) else answer

"""Live updates as gunicorn serves them, with the settings that every place starts it with."""

import json
import shlex
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from flask import Flask

from ctcollect.fleet import commands
from ctcollect.models import Base, LogRow
from ctcollect.settings import Settings
from ctcollect.store import Store
from tests.services import compose
from tests.services.processes import Process, ProcessGroup, wait_until
from tests.webapp.collection import add_small_collection, log_id
from tests.webapp.serving import PATIENCE_SECONDS, ROOT, listening, start_web
from webapp import gunicorn_settings, listeners

OPTION = "--config python:webapp.gunicorn_settings"


@pytest.fixture
def settings(sqlite_url: str) -> Settings:
    """What is listened to does not depend on the database: one is enough."""
    return Settings(database_url=sqlite_url)


@pytest.fixture
def server(store: Store, settings: Settings, processes: ProcessGroup) -> tuple[Process, str]:
    """The page's server on a small collection, and its address."""
    add_small_collection(store)
    return start_web(processes, settings.database_url)


def test_who_listens_hears_of_changes(server: tuple[Process, str], store: Store) -> None:
    """First when to return and how it stands, then each change, also for who has missed it."""
    _, address = server
    with listening(address) as messages:
        assert next(messages) == {"retry": str(listeners.RETRY_MS)}
        first = next(messages)
        assert first["event"] == "figures"
        assert json.loads(first["data"])["version"] == first["id"]
        with store.transaction() as session:
            session.get_one(LogRow, log_id("argon2024")).entries_done += 1
        changed_at = time.monotonic()
        second = next(messages)
        assert time.monotonic() - changed_at < 3
        assert (second["event"], second["id"] != first["id"]) == ("figures", True)
        with urlopen(f"{address}/api/v1/totals", timeout=10) as answer:
            assert json.load(answer)["done"] == 2_500_001
    with listening(address, told=first["id"]) as messages:
        next(messages)
        assert next(messages)["id"] == second["id"]


def test_the_server_ends_at_once_though_many_listen(server: tuple[Process, str]) -> None:
    """As many as there is room for; the next is told 503, others are answered as ever; SIGTERM ends all at once."""
    process, address = server
    room = gunicorn_settings.threads - gunicorn_settings.THREADS_FOR_ANSWERS
    with ExitStack() as stack:
        streams = [stack.enter_context(listening(address)) for _ in range(room)]
        for messages in streams:
            assert "retry" in next(messages)
        with pytest.raises(HTTPError) as refused:
            urlopen(f"{address}/api/v1/events", timeout=10)
        assert (refused.value.code, refused.value.headers["Retry-After"]) == (503, "60")
        assert "no room" in json.load(refused.value)["error"]
        with urlopen(f"{address}/healthz", timeout=10) as answer:
            assert json.load(answer) == {"ok": True}
        with ThreadPoolExecutor(room) as pool:
            endings = [pool.submit(list, messages) for messages in streams]
            ended_at = time.monotonic()
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE_SECONDS * 2) == 0
            seconds = time.monotonic() - ended_at
            assert all(ending.result(10) for ending in endings)
    assert seconds < PATIENCE_SECONDS / 4
    assert process.output() == ""


def test_who_has_gone_leaves_room(server: tuple[Process, str], store: Store) -> None:
    """A place is free again as soon as a message could not be delivered."""
    _, address = server
    room = gunicorn_settings.threads - gunicorn_settings.THREADS_FOR_ANSWERS
    with ExitStack() as stack:
        for _ in range(room):
            next(stack.enter_context(listening(address)))

    def comes_in() -> bool:
        with store.transaction() as session:
            session.get_one(LogRow, log_id("argon2024")).entries_done += 1
        try:
            with listening(address):
                return True
        except HTTPError:
            return False

    wait_until(comes_in, "a free place", timeout_seconds=20)


def watchers() -> int:
    """Threads of this process that look at the figures."""
    return sum(thread.name == listeners.WATCHER for thread in threading.enumerate())


def test_one_thread_watches_for_all_and_none_for_nobody(app: Flask) -> None:
    """It comes with the first and goes with the last; nobody is let in before the server has said how many may."""
    those = listeners.listeners_of(app)
    assert not those.enter()
    those.open(2)
    assert [those.enter() for _ in range(3)] == [True, True, False]
    assert watchers() == 1
    those.leave()
    assert watchers() == 1
    those.leave()
    wait_until(lambda: watchers() == 0, "the watcher's end")
    assert those.enter()
    assert watchers() == 1
    those.leave()
    wait_until(lambda: watchers() == 0, "the watcher's end")


@pytest.fixture
def listener(app: Flask, store: Store) -> Iterator[listeners.Listeners]:
    """The listeners of this process, of whom one is let in until the test ends."""
    those = listeners.listeners_of(app)
    those.open(1)
    assert those.enter()
    yield those
    those.leave()
    wait_until(lambda: watchers() == 0, "the watcher's end")


def test_who_listens_hears_that_the_database_is_away(listener: listeners.Listeners, store: Store) -> None:
    """When it goes: away, with the time of the last figures; when it is back: figures."""
    messages = listener.stream(None)
    assert [next(messages)[:6] for _ in range(2)] == ["retry:", "event:"]
    Base.metadata.drop_all(store.engine)
    away = next(messages)
    assert away.startswith("event: away\ndata: ")
    assert json.loads(away.partition("data: ")[2])["as_of"] > "2024"
    Base.metadata.create_all(store.engine)
    assert next(messages).startswith("event: figures")


def test_who_knows_it_all_hears_that_it_still_holds(
    listener: listeners.Listeners, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without news: alive, with the time of the figures, every few seconds; the stream has an end."""
    monkeypatch.setattr(listeners, "HEARTBEAT_SECONDS", 1.5)
    monkeypatch.setattr(listeners, "LIFE_SECONDS", 2.0)
    _, first, *others = listener.stream(None)
    version = first.partition("id: ")[2].partition("\n")[0]
    assert [other.startswith(f"event: alive\nid: {version}\ndata: ") for other in others] == [True] * len(others)
    assert json.loads(others[-1].partition("data: ")[2])["as_of"] > json.loads(first.partition("data: ")[2])["as_of"]


def test_every_place_starts_the_page_with_these_settings() -> None:
    """`ctcollect up` and the demo, compose, the guide for coordinators; in the checkout gunicorn finds them."""
    assert OPTION in shlex.join(commands.web(8000))
    (command,) = [
        service.document["command"]
        for service in compose.services((ROOT / "docker-compose.yml").read_text(), {}).values()
        if "gunicorn" in service.document.get("command", [])
    ]
    assert OPTION in " ".join(command).replace("--config=", "--config ")
    guide = (ROOT / "docs" / "coordinator.md").read_text()
    assert f"gunicorn {OPTION} 'webapp:create_app()'" in guide
    found: dict[str, Any] = {}
    exec((ROOT / "gunicorn.conf.py").read_text(), found)
    for name in ("threads", "graceful_timeout", "post_worker_init"):
        assert found[name] is getattr(gunicorn_settings, name)

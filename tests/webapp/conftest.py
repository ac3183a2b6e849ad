"""Fixtures of the web's tests: a prepared database, the application on it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.serving import make_server

from ctcollect.models import Base
from ctcollect.settings import Settings
from ctcollect.store import Store
from webapp import create_app
from webapp.database import STORE


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    """The test's database with all tables, empty."""
    store = Store(settings.database_url)
    Base.metadata.create_all(store.engine)
    yield store
    store.close()


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """The application on the test's database, prepared or not."""
    app = create_app(settings)
    yield app
    app.extensions[STORE].close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client that gets what a stranger gets: faults as answers, not as exceptions."""
    return app.test_client()


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The address at which a real server serves ``app``."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """Where the application is served."""
    with served(app) as address:
        yield address

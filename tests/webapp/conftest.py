"""Fixtures of the web's tests: a prepared database and the application on it."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

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

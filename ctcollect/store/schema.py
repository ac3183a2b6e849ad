"""The schema of the database: made and renewed by Alembic's migrations (``ctcollect db upgrade``)."""

from importlib.resources import files

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import DBAPIError

from ctcollect.errors import ConfigurationError, StoreUnavailable
from ctcollect.store.engine import CONNECT_TIMEOUT_SECONDS, Store


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(files("migrations")))
    config.attributes["connection"] = connection
    return config


def newest_revision() -> str:
    """The revision that this version of ctcollect needs."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def upgrade(store: Store) -> str:
    """Make the database if it is absent, bring its tables to this version. Returns the revision."""
    _create_database(store)
    try:
        with store.engine.connect() as connection:
            if _revision(connection) not in (None, *_known_revisions()):
                raise ConfigurationError("the database is of a newer version of ctcollect: update this one")
            command.upgrade(_config(connection), "head")
            connection.commit()
    except DBAPIError as error:
        raise StoreUnavailable(store.explain(error)) from error
    return newest_revision()


def check(store: Store) -> None:
    """ConfigurationError unless the database's tables are those of this version."""
    try:
        with store.engine.connect() as connection:
            found = _revision(connection)
    except DBAPIError as error:
        raise StoreUnavailable(store.explain(error)) from error
    if found is None or found in set(_known_revisions()) - {newest_revision()}:
        raise ConfigurationError("the database is not prepared for this version: run 'ctcollect db upgrade'")
    if found != newest_revision():
        raise ConfigurationError("the database is of a newer version of ctcollect: update this one")


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _known_revisions() -> list[str]:
    return [script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()]


def _create_database(store: Store) -> None:
    """MySQL only: a SQLite file makes itself, and its folder is made here."""
    if store.is_sqlite:
        store.make_sqlite_folder()
        return
    name = store.url.database or ""
    if not name.replace("_", "").isalnum():
        raise ConfigurationError(f"CTCOLLECT_DATABASE_URL names the database {name!r}: use letters, digits and _")
    engine = create_engine(store.url.set(database=""), connect_args={"connect_timeout": CONNECT_TIMEOUT_SECONDS})
    try:
        with engine.begin() as connection:
            connection.execute(
                text(f"CREATE DATABASE IF NOT EXISTS `{name}` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
            )
    except DBAPIError as error:
        raise StoreUnavailable(store.explain(error)) from error
    finally:
        engine.dispose()

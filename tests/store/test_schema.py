"""The schema: made by migrations, the same as the models, on both databases."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, select, text

from ctcollect.errors import ConfigurationError, StoreUnavailable
from ctcollect.models import Base, LogRow, WorkerRow
from ctcollect.store import Store, schema, utc_now
from ctcollect.store.workers import WorkerSign, note_signs


def test_the_migrations_make_what_the_models_say(database_url: str) -> None:
    """After an upgrade nothing is left to migrate; upgrading again is harmless and keeps the rows."""
    store = Store(database_url)
    assert schema.upgrade(store) == schema.newest_revision()
    with store.transaction() as session:
        note_signs(session, [WorkerSign("alice@host", utc_now())])
    assert schema.upgrade(store) == schema.newest_revision()
    schema.check(store)
    with store.engine.connect() as connection:
        migration = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(migration, Base.metadata) == []
    with store.reading() as session:
        assert session.scalars(select(WorkerRow.name)).all() == ["alice@host"]
    store.close()


def test_a_database_that_is_not_ours_to_use_is_told_in_a_line(database_url: str) -> None:
    """An empty database asks for an upgrade, one of a newer version for a newer program; neither is touched."""
    store = Store(database_url)
    with pytest.raises(ConfigurationError, match="run 'ctcollect db upgrade'"):
        schema.check(store)
    with pytest.raises(StoreUnavailable, match="run 'ctcollect db upgrade'"), store.reading() as session:
        session.execute(select(LogRow))
    schema.upgrade(store)
    with store.transaction() as session:
        session.execute(text("UPDATE alembic_version SET version_num = 'next'"))
    for use in (schema.check, schema.upgrade):
        with pytest.raises(ConfigurationError, match="newer version of ctcollect: update this one"):
            use(store)
    store.close()


def test_text_of_every_script_is_kept_whatever_the_servers_default(mysql_url: str) -> None:
    """A database whose default is latin1 stores Japanese and an emoji, and tells capitals apart."""
    engine = create_engine(mysql_url)
    with engine.begin() as connection:
        connection.execute(text("ALTER DATABASE CHARACTER SET latin1 COLLATE latin1_swedish_ci"))
    engine.dispose()
    store = Store(mysql_url)
    schema.upgrade(store)
    names = ["alice@日本語🗾", "Alice@日本語🗾"]
    with store.transaction() as session:
        note_signs(session, [WorkerSign(name, utc_now()) for name in names])
    with store.reading() as session:
        assert set(session.scalars(select(WorkerRow.name))) == set(names)
    store.close()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("nonsense", "CTCOLLECT_DATABASE_URL is not a database url"),
        ("postgresql://host/ct", "CTCOLLECT_DATABASE_URL names postgresql"),
        ("mysql+pymysql://root@127.0.0.1:1/a`b", "use letters, digits and _"),
        ("sqlite:////proc/nowhere/ct.sqlite", "can't be made"),
    ],
)
def test_a_url_that_can_not_work_is_told_in_a_line(url: str, words: str) -> None:
    """What is wrong with CTCOLLECT_DATABASE_URL is said before anything is done."""
    with pytest.raises(ConfigurationError) as caught:
        schema.upgrade(Store(url))
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_database_that_is_away_is_told_without_its_password() -> None:
    """Nobody answers: StoreUnavailable in one line that names the server and keeps the secret."""
    store = Store("mysql+pymysql://me:secret@127.0.0.1:1/ct")
    for use in (schema.check, schema.upgrade):
        with pytest.raises(StoreUnavailable) as caught:
            use(store)
        assert "127.0.0.1:1/ct" in str(caught.value)
        assert "secret" not in str(caught.value)
        assert "\n" not in str(caught.value)

"""How large the database is, and on which disk it lies, as far as it can be told from here."""

import socket
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session

SQLITE_BYTES = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
# Estimates of the server's, which it has at hand: nothing is counted.
MYSQL_BYTES = "SELECT SUM(data_length + index_length) FROM information_schema.tables WHERE table_schema = DATABASE()"


def database_bytes(session: Session) -> int | None:
    """What tables and indices take on disk; None when the server does not say."""
    size = session.scalar(text(SQLITE_BYTES if _is_sqlite(session) else MYSQL_BYTES))
    return None if size is None else int(size)


def database_folder(session: Session) -> Path | None:
    """Where its files are; None when that is on another machine, or hidden from this process."""
    if _is_sqlite(session):
        file = session.scalar(text("SELECT file FROM pragma_database_list WHERE name = 'main'"))
        return Path(file).parent if file else None
    host, folder = session.execute(text("SELECT @@hostname, @@datadir")).one()
    return Path(folder) if host == socket.gethostname() and Path(folder).is_dir() else None


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"

"""A real MariaDB of the tests' own; its root has no password."""

import os
import subprocess
from pathlib import Path

import pymysql

from tests.services.programs import find_program
from tests.services.server import Server

# Fast: a crash of the machine may cost the last second, a crash of the server costs nothing.
# All else is as the server comes: what the project needs (utf8mb4, strict mode) it must ask for itself.
FAST = ["--innodb-flush-log-at-trx-commit=2", "--innodb-buffer-pool-size=64M", "--skip-name-resolve"]


class MariadbServer(Server):
    """One server, as many databases as there are tests."""

    def url(self, database: str) -> str:
        """The SQLAlchemy address of ``database``."""
        return f"mysql+pymysql://root@127.0.0.1:{self.port}/{database}"

    def command(self) -> list[str | Path]:
        """Makes the system tables first when there are none."""
        if not self.data_dir.exists():
            self._install()
        network = ["--skip-networking=0", "--bind-address=127.0.0.1", f"--port={self.port}"]
        # A socket's whole path may be too long; a bare name stands for one in the data folder.
        # In a common folder for temporary tables one server that starts deletes those of the others.
        data = [f"--datadir={self.data_dir}", f"--tmpdir={self.data_dir}", "--socket=socket"]
        return [find_program("mariadbd", "mysqld"), "--no-defaults", *network, *data, *FAST, *_user()]

    def answers(self) -> bool:
        """Whether it lets root in."""
        try:
            self._connect().close()
        except pymysql.err.OperationalError:
            return False
        return True

    def create_database(self, name: str) -> str:
        """An empty database of this name, with the server's own defaults; returns its url."""
        self._execute(f"CREATE DATABASE `{name}`")
        return self.url(name)

    def drop_database(self, name: str) -> None:
        """Away with it and with the connections that a test left open in it, whose locks would stop this."""
        open_in_it = "SELECT id FROM information_schema.processlist WHERE db = %s"
        for (connection_id,) in self._execute(open_in_it, name):
            self._execute("KILL CONNECTION %s", connection_id)
        self._execute(f"DROP DATABASE `{name}`")

    def _install(self) -> None:
        program = find_program("mariadb-install-db", "mysql_install_db")
        options = ["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db"]
        command = [str(program), *options, f"--datadir={self.data_dir}", *_user()]
        with self.log_file.open("wb") as output:
            subprocess.run(command, check=True, stdout=output, stderr=subprocess.STDOUT)

    def _execute(self, statement: str, *values: object) -> tuple[tuple[object, ...], ...]:
        with self._connect() as connection, connection.cursor() as cursor:
            cursor.execute(statement, values)
            return tuple(cursor.fetchall())

    def _connect(self) -> pymysql.Connection:
        return pymysql.connect(host="127.0.0.1", port=self.port, user="root")


def _user() -> list[str]:
    """The server runs as root only when it is told to."""
    return ["--user=root"] if os.geteuid() == 0 else []

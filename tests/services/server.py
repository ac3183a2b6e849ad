"""What the tests' servers have in common: their life."""

import shutil
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Self

from tests.services.processes import Process, free_port


class Server(ABC):
    """A server on a free port of 127.0.0.1; the port, and the data in ``directory``, stay when it is stopped.

    A ``with`` block starts it, ends it and takes its data away; its log stays.
    """

    def __init__(self, directory: Path) -> None:
        self.port = free_port()
        self.data_dir = directory / "data"
        self.log_file = directory / "server.log"
        self._process: Process | None = None

    @property
    def pid(self) -> int:
        """The process id of a server that runs."""
        assert self._process is not None
        return self._process.pid

    @abstractmethod
    def command(self) -> list[str | Path]:
        """What to run, in the foreground, on ``port`` with ``data_dir``."""

    @abstractmethod
    def answers(self) -> bool:
        """Whether it takes requests by now."""

    def start(self) -> None:
        """Nothing when it runs; else it takes requests, and has its data back, when this returns."""
        if self._process is None:
            self._process = Process(self.command(), self.log_file)
            self._process.wait_until(self.answers, "its first answer")

    def stop(self) -> None:
        """SIGTERM, and wait for its end."""
        if self._process is not None:
            self._process.terminate()
            self._process = None

    def kill(self) -> None:
        """SIGKILL: to its clients and its files a crash."""
        if self._process is not None:
            self._process.kill()
            self._process = None

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.kill()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self.data_dir, ignore_errors=True)

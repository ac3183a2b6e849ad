"""Child processes that are started, watched and ended together."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from ctcollect.errors import ConfigurationError
from ctcollect.settings import child_environment

STOP_SECONDS = 10.0
TAIL_BYTES = 300
LOG_MAX_BYTES = 2**20


@dataclass
class Child:
    """One process; what it prints goes to ``log_file``."""

    name: str
    process: subprocess.Popen[bytes]
    log_file: Path
    is_server: bool

    def bound_log(self) -> None:
        """Empty the log when it has grown large, but for its end: nobody reads the rest of what runs for months."""
        if self.log_file.stat().st_size > LOG_MAX_BYTES:
            end = self.log_file.read_bytes()[-TAIL_BYTES:]
            self.log_file.write_bytes(end)

    def tail(self) -> str:
        """The end of what it printed, as one line."""
        return " ".join(self.log_file.read_bytes()[-TAIL_BYTES:].decode("utf-8", "replace").split())


@dataclass
class Children:
    """Starts processes in their own sessions and ends, at exit, those that it started, the servers last."""

    directory: Path
    environment: Mapping[str, str]
    children: list[Child] = field(default_factory=list)
    _is_interrupted: bool = field(default=False, init=False)

    def __enter__(self) -> Self:
        self.directory.mkdir(parents=True, exist_ok=True)
        # These would end this process without its children; as Ctrl+C does they end them too.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._interrupt)
        return self

    def _interrupt(self, *_: object) -> None:
        """Remembered: Python ignores what is raised while it happens to collect garbage."""
        self._is_interrupted = True
        raise KeyboardInterrupt

    def __exit__(self, *_: object) -> None:
        # A second Ctrl+C would leave some of them behind.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        # A worker that has lost its broker or its log would not end in time.
        self._end([child for child in self.children if not child.is_server])
        self._end([child for child in self.children if child.is_server])

    def _end(self, children: Sequence[Child]) -> None:
        for child in children:
            self.signal(child, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        for child in children:
            try:
                child.process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                self.signal(child, signal.SIGKILL)
                child.process.wait()

    @staticmethod
    def signal(child: Child, number: signal.Signals) -> None:
        """To the process itself; only SIGKILL goes to all that it has started."""
        if child.process.poll() is None:
            (os.killpg if number == signal.SIGKILL else os.kill)(child.process.pid, number)

    def start(
        self, name: str, command: Sequence[str], changes: Mapping[str, str] | None = None, *, is_server: bool = False
    ) -> Child:
        """``changes``: variables for it alone; ``is_server``: others need it to the end."""
        log_file = self.directory / f"{name}.log"
        log_file.unlink(missing_ok=True)
        with log_file.open("ab") as output:  # to its end wherever that is: bound_log() may have emptied it
            process = subprocess.Popen(
                command,
                env=child_environment({**self.environment, **(changes or {})}),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        child = Child(name, process, log_file, is_server)
        self.children.append(child)
        return child

    def check(self) -> None:
        """ConfigurationError if one has ended by itself, KeyboardInterrupt after a signal. Keeps their logs small."""
        if self._is_interrupted:
            raise KeyboardInterrupt
        for child in self.children:
            child.bound_log()
            status = child.process.poll()
            if status is not None:
                raise ConfigurationError(f"the {child.name} ended with status {status}: {child.tail()}")

    def wait_until(self, is_ready: Callable[[], bool], what: str, seconds: float) -> None:
        """ConfigurationError when it takes longer, or when a process ends meanwhile."""
        deadline = time.monotonic() + seconds
        while not is_ready():
            self.check()
            if time.monotonic() > deadline:
                raise ConfigurationError(f"{what} is not ready after {seconds:.0f} s")
            time.sleep(0.05)

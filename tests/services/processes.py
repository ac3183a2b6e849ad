"""Processes of the tests' own: started, watched and, whatever happens, ended."""

import os
import random
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self, TypeVar

Answer = TypeVar("Answer")

POLL_SECONDS = 0.02
TAIL_LINES = 40


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on."""
    while True:
        # Below those of outgoing connections, so that it is still free when a stopped server returns.
        port = random.randrange(20_000, 32_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def wait_until(
    condition: Callable[[], Answer | None], what: str, timeout_seconds: float = 30, every_seconds: float = POLL_SECONDS
) -> Answer:
    """The first true answer of ``condition``; AssertionError, naming ``what``, when there is none in time."""
    deadline = time.monotonic() + timeout_seconds
    while not (answer := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {timeout_seconds} s")
        time.sleep(every_seconds)
    return answer


class Process:
    """One command in a session of its own; what it prints goes to ``log_file``.

    ``environment`` is added to the caller's, from which the CTCOLLECT_ variables are taken away.
    """

    def __init__(
        self,
        command: Sequence[str | Path],
        log_file: Path,
        environment: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> None:
        self.name = Path(command[0]).name
        self.log_file = log_file
        with log_file.open("ab") as output:
            self._popen = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=_clean_environment() | dict(environment or {}),
                cwd=cwd,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """Its process id, which is also the id of the group that its children belong to."""
        return self._popen.pid

    @property
    def returncode(self) -> int | None:
        """None while it runs; minus the signal's number when a signal has ended it."""
        return self._popen.poll()

    def output(self) -> str:
        """All that it has printed so far, both streams."""
        return self.log_file.read_text(errors="replace")

    def tail(self) -> str:
        """The last lines of the output under a heading, for people who look for the cause."""
        lines = self.output().splitlines()[-TAIL_LINES:]
        return "\n".join([f"--- {self.name}, pid {self.pid}, exit status {self.returncode}:", *lines])

    def wait_until(self, condition: Callable[[], Answer | None], what: str, timeout_seconds: float = 30) -> Answer:
        """As the function; AssertionError, with the tail, also when the process ends before."""

        def answer_while_it_runs() -> Answer | None:
            ended = self.returncode is not None  # asked first: its last words still count
            answer = condition()
            if ended and not answer:
                raise AssertionError(f"{what}: {self.name} has ended")
            return answer

        try:
            return wait_until(answer_while_it_runs, what, timeout_seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.tail()}") from None

    def wait_for_line(self, pattern: str, timeout_seconds: float = 30) -> re.Match[str]:
        """The first match of ``pattern`` in the output, ^ and $ standing for the ends of a line."""
        line = re.compile(pattern, re.MULTILINE)
        return self.wait_until(lambda: line.search(self.output()), f"a line like {pattern!r}", timeout_seconds)

    def wait(self, timeout_seconds: float = 30) -> int:
        """The exit status once it ends by itself; AssertionError with the tail when it does not."""
        try:
            return self._popen.wait(timeout_seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"runs on after {timeout_seconds} s\n{self.tail()}") from None

    def send_signal(self, number: signal.Signals) -> None:
        """To the process alone; nothing happens when it has ended."""
        self._popen.send_signal(number)

    def terminate(self, timeout_seconds: float = 10) -> int:
        """SIGTERM to the process alone, as a service manager does; in the end SIGKILL to all its group."""
        self.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self._popen.wait(timeout_seconds)
        return self.kill()

    def kill(self) -> int:
        """SIGKILL to the whole group, so that no child of it is left; returns the exit status."""
        with suppress(ProcessLookupError, PermissionError):  # macOS: no permission when only zombies are left
            os.killpg(self.pid, signal.SIGKILL)
        return self._popen.wait()


def _clean_environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CTCOLLECT_")}
    return kept | {"PYTHONUNBUFFERED": "1"}


class ProcessGroup:
    """The processes of one ``with`` block, ended with it, the last one first; logs stand in ``directory``."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._processes: list[Process] = []

    def start(
        self,
        command: Sequence[str | Path],
        environment: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> Process:
        """Start ``command``; its log is called after its place in the order and its program."""
        log_file = self._directory / f"{len(self._processes)}-{Path(command[0]).name}.log"
        process = Process(command, log_file, environment, cwd)
        self._processes.append(process)
        return process

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for process in reversed(self._processes):
            process.terminate()
            print(process.tail())  # pytest shows it only when the test has failed

"""``ctcollect worker --processes N``: several workers of one friend as one command."""

import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO

from ctcollect.errors import CANT_BE_RIGHT
from ctcollect.fleet.output import Output
from ctcollect.settings import child_environment, load

STOP_SECONDS = 4.8
LOOK_SECONDS = 0.1
READ_SECONDS = 0.1
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 1.0, 60.0
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT, signal.SIGHUP)


@dataclass
class Worker:
    """One process and its successors; ``name`` stands before what it prints."""

    name: str
    command: Sequence[str]
    output: Output
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes] = field(init=False)
    pause_seconds: float = field(default=0.0, init=False)
    _reader: threading.Thread = field(init=False)
    _started_at: float = field(init=False)
    _ended_at: float | None = field(default=None, init=False)

    def start(self) -> None:
        """In a session of its own: a terminal's Ctrl+C reaches it once, through stop()."""
        self._started_at, self._ended_at = time.monotonic(), None
        self.process = subprocess.Popen(
            self.command,
            env=child_environment(self.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        assert self.process.stdout is not None
        self._reader = threading.Thread(target=self._pass_on, args=(self.process.stdout,), daemon=True)
        self._reader.start()

    def _pass_on(self, pipe: IO[bytes]) -> None:
        with pipe:
            for line in pipe:
                if text := line.decode("utf-8", "replace").strip():
                    self.output.show(self.name, text)

    def revive(self) -> None:
        """Start it again after a pause, which is longer each time unless it ran for a good while."""
        now = time.monotonic()
        if self._ended_at is None:
            self._ended_at = now
            is_new = now - self._started_at > LONGEST_PAUSE_SECONDS
            self.pause_seconds = FIRST_PAUSE_SECONDS if is_new else self._longer_pause()
            told = f"This worker ended with status {self.process.returncode}: it is started again"
            self.output.show(self.name, f"{told} in {self.pause_seconds:g} s.")
        elif now - self._ended_at > self.pause_seconds:
            self.start()

    def _longer_pause(self) -> float:
        return min(max(FIRST_PAUSE_SECONDS, 2 * self.pause_seconds), LONGEST_PAUSE_SECONDS)

    def end(self, deadline: float) -> None:
        """Wait until it has ended and all that it printed is shown; at ``deadline`` (monotonic) it is killed."""
        try:
            self.process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._reader.join(READ_SECONDS)


def supervise(commands: Mapping[str, Sequence[str]], changes: Mapping[str, str]) -> int:
    """Run ``commands``, by name, until a signal; one that dies is started again. Returns the exit status.

    ``changes`` are variables of their environment.

    One that ends by itself with status 0 was told to, by remote control; with CANT_BE_RIGHT all are ended, for
    the others would say the same.
    """
    stop, output = threading.Event(), Output()
    # What they print on a pipe is shown as on the terminal that it comes to.
    progress = {"CTCOLLECT_PROGRESS_PLAIN_SECONDS": str(load().progress_seconds)} if output.is_live else {}
    for number in STOP_SIGNALS:
        signal.signal(number, lambda *_: stop.set())
    workers = [Worker(name, command, output, {**changes, **progress}) for name, command in commands.items()]
    for worker in workers:
        worker.start()
    status = 0
    while not stop.wait(LOOK_SECONDS) and not status and workers:
        status, workers = _look_after(workers)
    _end(workers)
    output.close()
    return status


def _look_after(workers: Sequence[Worker]) -> tuple[int, list[Worker]]:
    """The exit status if all must end, else 0, and the workers that are still wanted."""
    wanted = [worker for worker in workers if worker.process.poll() != 0]
    for worker in wanted:
        if worker.process.returncode == CANT_BE_RIGHT:
            return CANT_BE_RIGHT, wanted
        if worker.process.returncode is not None:
            worker.revive()
    return 0, wanted


def _end(workers: Sequence[Worker]) -> None:
    for worker in workers:
        worker.process.terminate()
    deadline = time.monotonic() + STOP_SECONDS
    for worker in workers:
        worker.end(deadline)

"""What several workers print, as one: whole lines, each behind its worker's name; progress lines in their place."""

import sys
import threading
from dataclasses import dataclass, field

from ctcollect.catalogue import queues
from ctcollect.progress_display import LiveDisplay, PlainDisplay

SIGN_OF_PROGRESS = "Req: "


@dataclass
class Output:
    """On a terminal ``is_live``: the last progress line of each lane of each worker stays at the bottom."""

    is_live: bool = field(default_factory=sys.stdout.isatty)
    _display: LiveDisplay | PlainDisplay = field(init=False)
    _progress: dict[tuple[str, str], str] = field(default_factory=dict, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    def __post_init__(self) -> None:
        self._display = LiveDisplay(sys.stdout) if self.is_live else PlainDisplay(sys.stdout)

    def show(self, worker: str, line: str) -> None:
        """One line of a worker."""
        queue = line.partition(" ")[0]
        with self._lock:
            if isinstance(self._display, PlainDisplay):
                self._display.show([f"{worker} {line}"])
            elif queue in queues() and SIGN_OF_PROGRESS in line:
                self._progress[worker, queue] = f"{worker} {line}"
                self._display.show([self._progress[key] for key in sorted(self._progress)])
            else:
                self._display.print_above(f"{worker} {line}")

    def close(self) -> None:
        with self._lock:
            self._display.close()

"""Where progress lines go: in place on a terminal, with warnings above them, else as plain lines now and then."""

import atexit
import logging
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TextIO

from rich.console import Console
from rich.live import Live
from rich.text import Text

from ctcollect.progress_line import FANCY
from ctcollect.settings import Settings, asks_for_ascii
from ctcollect.stop import Stop

FIRST_SECONDS = 10.0


class PlainDisplay:
    """Each line is written whole and at once."""

    def __init__(self, output: TextIO) -> None:
        self.output = output

    def show(self, lines: Sequence[str]) -> None:
        with suppress(OSError, ValueError):  # nobody reads it any more: that is no reason to stop
            self.output.write("".join(f"{line}\n" for line in lines))
            self.output.flush()

    def close(self) -> None:
        """Nothing is held."""


class LiveDisplay:
    """The lines stay in their place at the bottom of a terminal; what is logged goes above them."""

    def __init__(self, output: TextIO) -> None:
        self.console = Console(file=output, highlight=False, markup=False, emoji=False)
        self.live = Live(console=self.console, auto_refresh=False, redirect_stdout=False, redirect_stderr=False)
        self.live.start()
        atexit.register(self.close)  # it gives the cursor back
        for handler in _terminal_handlers():
            handler.setStream(_Above(self))  # type: ignore[arg-type]

    def show(self, lines: Sequence[str]) -> None:
        with suppress(OSError, ValueError):
            self.live.update(Text("\n".join(lines), no_wrap=True, overflow="ellipsis"), refresh=True)

    def print_above(self, text: str) -> None:
        with suppress(OSError, ValueError):
            self.console.print(Text.from_ansi(text), soft_wrap=True)

    def close(self) -> None:
        with suppress(OSError, ValueError):
            self.live.stop()


class _Above:
    """The stream of a log handler whose lines shall not tear the live ones."""

    def __init__(self, display: LiveDisplay) -> None:
        self.display = display

    def write(self, text: str) -> None:
        self.display.print_above(text.rstrip("\n"))

    def flush(self) -> None:
        """Each write is whole."""


def _terminal_handlers() -> list["logging.StreamHandler[TextIO]"]:
    """Those of Celery's loggers that write to a terminal."""
    loggers = [logging.getLogger(name) for name in (None, "celery", "celery.task", "celery.redirected")]
    handlers = {handler for logger in loggers for handler in logger.handlers}
    return [each for each in handlers if isinstance(each, logging.StreamHandler) and each.stream.isatty()]


def can_show_emoji(output: TextIO) -> bool:
    """Whether the signs of the fancy line can be written, and nobody has asked for plain text."""
    try:
        "".join(FANCY.values()).encode(output.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return not asks_for_ascii()


def start_display(lines: Callable[[bool], Sequence[str]], settings: Settings, stop: Stop) -> None:
    """Show ``lines(fancy)`` in a thread of its own, until ``stop``."""
    output = sys.__stdout__  # Celery has put a logger into sys.stdout
    if output is None:
        return
    is_terminal = output.isatty()
    seconds = settings.progress_seconds if is_terminal else settings.progress_plain_seconds
    if not seconds:
        return
    display = LiveDisplay(output) if is_terminal else PlainDisplay(output)
    fancy = can_show_emoji(output)

    def run() -> None:
        wait = min(FIRST_SECONDS, seconds)
        while not stop.wait(wait):
            display.show(lines(fancy))
            wait = seconds
        display.close()

    threading.Thread(target=run, name="progress", daemon=True).start()

"""A real Chromium that opens one page and says what it made of it."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.services.programs import find_program

# Nothing but the page is fetched, and nothing of the user's own browser is touched.
QUIET = [
    "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--disable-gpu", "--disable-dev-shm-usage",
]  # fmt: skip
CONSOLE_LINE = re.compile(r"CONSOLE(?:\(\d+\)|:\d+)\] (.*)")
TIMEOUT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Visit:
    """The document as it stood at the end, and every line that was written to the console."""

    html: str
    console: list[str]


def visit(url: str, profile: Path, page_seconds: float, width: int = 1440) -> Visit:
    """Open ``url`` for ``page_seconds`` on the page's clock, which runs ahead while nothing is loading."""
    options = [f"--user-data-dir={profile}", f"--window-size={width},900", "--enable-logging=stderr"]
    options += [f"--virtual-time-budget={round(page_seconds * 1000)}", "--dump-dom", url]
    # The sandbox asks for rights that containers and root do not have; the page is our own.
    program = find_program("chromium", "chromium-browser", "google-chrome")
    answer = subprocess.run(
        [program, "--headless", "--no-sandbox", *QUIET, *options],
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=True,
    )
    return Visit(answer.stdout, CONSOLE_LINE.findall(answer.stderr))

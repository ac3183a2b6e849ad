"""``python -m ctcollect.health [URL]``: does this container do its work? For Docker's health checks.

Without a URL: the file that CTCOLLECT_HEARTBEAT_FILE names must have been touched a moment ago. A worker touches it
from the loop that takes its tasks, and only while it is connected to the broker; beat does so with every task that it
sends. No broker is asked (``celery inspect ping`` fails when the worker is merely busy) and nothing is imported that a
machine would notice twice a minute. With a URL: it must answer 200.
"""

import sys
import time
from collections.abc import Sequence
from contextlib import closing, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlsplit

from ctcollect.errors import ConfigurationError
from ctcollect.settings import load

BEAT_EVERY_SECONDS = 2.0
# A connection that hangs is given up and made again within 50 s (docs/celery.md).
SILENT_SECONDS = 60.0
ANSWER_SECONDS = 5.0


def beat() -> None:
    """Touch the heartbeat file, if one is wanted. Where it can't be written the check itself says so."""
    if name := load().heartbeat_file:
        with suppress(OSError):
            Path(name).touch()


def heartbeat_fault(name: str) -> str | None:
    """What is wrong with the process that touches the file ``name``; None when it is at work."""
    if not name:
        return "CTCOLLECT_HEARTBEAT_FILE is not set: there is nothing to look at"
    try:
        silent_seconds = time.time() - Path(name).stat().st_mtime
    except OSError:
        return "no heartbeat yet: still starting, or it can't reach the broker"
    if silent_seconds > SILENT_SECONDS:
        return f"no heartbeat for {silent_seconds:.0f} s: it can't reach the broker, or it hangs"
    return None


def answer_fault(url: str) -> str | None:
    """What is wrong with the server at ``url`` (http, never through a proxy); None when it answers 200."""
    parts = urlsplit(url)
    try:
        with closing(HTTPConnection(parts.netloc, timeout=ANSWER_SECONDS)) as connection:
            connection.request("GET", parts.path)
            status = connection.getresponse().status
    except (OSError, HTTPException) as error:
        return f"{url} does not answer: {error}"
    return None if status == 200 else f"{url} answers {status}"


def main(arguments: Sequence[str]) -> int:
    """0 when healthy, else 1, as Docker wants it, with one line."""
    try:
        fault = answer_fault(arguments[0]) if arguments else heartbeat_fault(load().heartbeat_file)
    except ConfigurationError as error:
        fault = str(error)
    print(fault or "at work")
    return 1 if fault else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

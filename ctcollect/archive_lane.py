"""The lane of archives: which zip files this worker can read, told to the coordinator and to whom it belongs."""

import logging
import threading

from celery.worker.state import SOFTWARE_INFO

from ctcollect.client import Http
from ctcollect.holdings import holdings_of, write_holdings
from ctcollect.pace import Gate, Pace
from ctcollect.readers.archive import LOOK_AGAIN_SECONDS, Archives
from ctcollect.readers.zip_part import Asker
from ctcollect.settings import Settings
from ctcollect.stop import Stop

logger = logging.getLogger(__name__)

NOTHING_HERE = (
    "CTCOLLECT_ARCHIVES names no folder with the zip files of a log: of the queue archive this worker reads only "
    "what is at a url"
)


def start_telling(archives: Archives, settings: Settings, stop: Stop) -> None:
    """Look, in a thread of its own for it may take a while, and tell with the heartbeats; again and again."""
    threading.Thread(target=_tell, args=(archives, settings, stop), name="archives", daemon=True).start()


def _tell(archives: Archives, settings: Settings, stop: Stop) -> None:
    asker = Asker(Http(settings, Gate([Pace(1.0, 1.0)])), float("inf"))  # asks nobody: these files are here
    SOFTWARE_INFO["archives"] = write_holdings(holdings_of(archives.here(asker)))
    if not SOFTWARE_INFO["archives"]:
        logger.warning(NOTHING_HERE)
    while not stop.wait(LOOK_AGAIN_SECONDS):
        SOFTWARE_INFO["archives"] = write_holdings(holdings_of(archives.here(asker)))

"""Other collectors that read the same local log, each as the program that its users run.

Each reads the log from its start for some seconds and is then stopped. What counts is what it has done by then, and the
processor time of all its processes.
"""

from pathlib import Path
from typing import Protocol

from benchmarks.common import Speed
from benchmarks.peers.axeman import Axeman
from benchmarks.peers.certspotter import Certspotter
from benchmarks.peers.missing import PeerMissing
from ctcollect.catalogue import Log

__all__ = ["Axeman", "Certspotter", "Peer", "PeerMissing"]


class Peer(Protocol):
    """A collector of somebody else's."""

    @property
    def name(self) -> str:
        """As it stands in a table, with its version when it is there."""
        ...

    def read(self, log: Log, list_file: Path, folder: Path, seconds: float) -> Speed:
        """What it does with ``log``, which is in the log list ``list_file``, in an empty ``folder`` of its own.

        PeerMissing when it is not on this machine or does not work.
        """
        ...

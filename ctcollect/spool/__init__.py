"""Harvests that could not be delivered: kept on disk, tried again every ten minutes until the broker takes them."""

from ctcollect.spool.folder import SpoolFolder
from ctcollect.spool.spool import Spool

__all__ = ["Spool", "SpoolFolder"]

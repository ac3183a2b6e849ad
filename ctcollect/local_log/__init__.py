"""A CT log with known content on loopback, true to RFC 6962 and static-ct-api, for the demo and for tests."""

from ctcollect.local_log.entries import Entry, Truth
from ctcollect.local_log.faults import Faults
from ctcollect.local_log.log import LocalLog
from ctcollect.local_log.rules import Rule
from ctcollect.local_log.server import LocalLogServer
from ctcollect.local_log.serving import Files, serve_forever

__all__ = ["Entry", "Faults", "Files", "LocalLog", "LocalLogServer", "Rule", "Truth", "serve_forever"]

"""The only package with sessions and SQL. Every function takes a session; a Store opens them."""

from ctcollect.store.engine import Session, Store, utc_now
from ctcollect.store.reading import Found, Outcome, Reading, Unreadable

__all__ = ["Found", "Outcome", "Reading", "Session", "Store", "Unreadable", "utc_now"]

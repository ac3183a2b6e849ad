"""Whether this ctcollect is recent enough for the fleet."""

from packaging.version import InvalidVersion, Version

from ctcollect import __version__
from ctcollect.errors import ClientTooOld


def check_version(oldest: object) -> None:
    """ClientTooOld when this version is below ``oldest``; what is no version asks for nothing."""
    try:
        is_too_old = isinstance(oldest, str) and Version(__version__) < Version(oldest)
    except InvalidVersion:
        return
    if is_too_old:
        raise ClientTooOld(
            f"ctcollect {__version__} is too old for this fleet, which takes {oldest} and later: update it "
            "(docs/friends.md says how) and start it again. Nothing is lost."
        )

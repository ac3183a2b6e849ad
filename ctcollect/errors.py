"""Every error of the project, named by what its catcher should do next.

``str(error)`` is always one line that says what is wrong and, where a person can act, what to do.
"""

# The exit status of a process that a person must set right before it is started again (EX_CONFIG of sysexits.h).
CANT_BE_RIGHT = 78


class CtcollectError(Exception):
    """Base of all: show the line, end with a non-zero status."""


class ConfigurationError(CtcollectError):
    """A setting, an argument or a file that a person gave is wrong: say so and stop."""


class ClientTooOld(ConfigurationError):
    """The fleet speaks another version: take no more work, a person must update this machine."""


class LogUnavailable(CtcollectError):
    """The log does not answer (refused, timed out, reset, 5xx): let it rest, go on with the others."""


class NotHere(LogUnavailable):
    """The archive of the log is not on this machine: hand the order back, another one may have it."""


class Throttled(CtcollectError):
    """The host asks for fewer requests (429, 503): slow down, ask again after the pause.

    ``retry_after_seconds`` is None when the host named no time.
    """

    def __init__(self, message: str, retry_after_seconds: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class NotYet(CtcollectError):
    """The log does not hold these entries yet, or this front end does not: ask again later."""


class OutOfTime(CtcollectError):
    """The time of this piece of work is over: hand in what is there, the rest is issued again."""


class Avoided(CtcollectError):
    """The order is for another friend to do: hand it back."""


class Redelivered(CtcollectError):
    """The order was on its way to another worker before: hand it back, what is missing of it is issued again."""


class LogPaused(CtcollectError):
    """The coordinator pauses this log: hand the order back unread, or with what is there; it is issued again."""


class ProxyUnavailable(CtcollectError):
    """A proxy does not let through: let it rest, go by another; no log is to blame."""


class BadAnswer(CtcollectError):
    """The answer is not what the protocol promises (cut off, HTML, too many, 4xx): ask for less, again."""


class NotThere(BadAnswer):
    """The log has no such file (404, 410): look where else it may be, or ask again."""


class Moved(BadAnswer):
    """What is asked for is at another address (a redirect): followed only by those who look at ``location`` first."""

    def __init__(self, message: str, location: str) -> None:
        super().__init__(message)
        self.location = location


class MalformedEntry(CtcollectError):
    """Bytes that do not follow their format: keep them as a row with this reason, go on with the next."""


class BadSignature(CtcollectError):
    """A signed head whose signature does not fit the log's key: never believe it, report it."""


class TreeMismatch(CtcollectError):
    """Hashes that do not lead to the signed root: the data or the proof is false, fetch again."""


class StoreUnavailable(CtcollectError):
    """The database does not answer or is not prepared: wait and try again, nothing is lost."""


class DiskUnavailable(StoreUnavailable):
    """The data directory can't be written (full, read-only): wait until a person has made room."""


class BrokerUnavailable(CtcollectError):
    """Redis does not answer: wait and try again, nothing is lost.

    ``is_lasting``: it is a password, a certificate or a right that is wrong, and waiting does not help.
    """

    def __init__(self, message: str, *, is_lasting: bool = False) -> None:
        super().__init__(message)
        self.is_lasting = is_lasting


class HarvestRefused(CtcollectError):
    """A harvest that breaks the rules: set it aside, issue its sub-range again."""


class StrangeMessage(CtcollectError):
    """What lies in a list of the broker is no message of ours: set it aside, go on with the next."""

"""Why the broker can't be used, in one line, and whether waiting helps."""

import re
from collections.abc import Iterator

from redis.exceptions import AuthenticationError, AuthorizationError, NoPermissionError, OutOfMemoryError

# What Redis says of a user name or a password that it does not take; some of it comes as a plain ResponseError.
REFUSALS = ("WRONGPASS", "invalid username-password", "NOAUTH", "Authentication required", "invalid password")
# As Python's ssl tells it, in whatever redis-py and kombu have put around it.
CERTIFICATE_REFUSED = re.compile(r"certificate verify failed: (.*?)\.? \(_ssl")


def explain(error: BaseException) -> str:
    """One line for a person: what is wrong with the broker and, when it is theirs to mend, what to do."""
    if any(isinstance(each, OutOfMemoryError) for each in _causes(error)):
        return "the broker is full (its maxmemory): it takes more when the coordinator has recorded what waits there"
    return _lasting_fault(error) or f"the broker does not answer: {' '.join(str(error).split())}"


def is_lasting(error: BaseException) -> bool:
    """True for what stays as it is however often one tries: a password, a certificate, a right."""
    return _lasting_fault(error) is not None


def _lasting_fault(error: BaseException) -> str | None:
    for each in _causes(error):
        if isinstance(each, NoPermissionError):
            return (
                "the broker does not allow this to the user in CTCOLLECT_BROKER_URL: use the command of your invitation"
            )
        if isinstance(each, (AuthenticationError, AuthorizationError)) or any(text in str(each) for text in REFUSALS):
            return "the broker refuses the user or the password in CTCOLLECT_BROKER_URL: ask for a new invitation"
        if found := CERTIFICATE_REFUSED.search(str(each)):
            return f"the broker's certificate is refused: {found[1]}: is CTCOLLECT_BROKER_CA right?"
        if "WRONG_VERSION_NUMBER" in str(each):
            return "the broker speaks no TLS at this port: is it redis:// instead of rediss://, or another port?"
    return None


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__

"""Whether a server of others, which would end with a traceback, will be able to listen."""

import socket

from ctcollect.errors import ConfigurationError


def check_port(address: str, port: int) -> None:
    """ConfigurationError when nobody can listen there now: the port is taken, or the address is not this machine's."""
    try:
        family = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)[0][0]
        socket.create_server((address, port), family=family).close()
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "that is no address"
        raise ConfigurationError(f"can't listen on {address}:{port}: {reason}") from None

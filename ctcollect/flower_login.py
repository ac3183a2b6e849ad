"""Who may see Flower, and how Flower is told: by its own variables, for on a command line everybody could read them."""

import re
import secrets

from ctcollect.errors import ConfigurationError
from ctcollect.settings import Settings

PREFIX = "flower"
# Flower splits its list of logins at commas and compares ASCII alone; a colon ends the user of a login.
USER = re.compile(r"[!-+\--9;-~]+")
PASSWORD = re.compile(r"[ -+\--~]*")


def flower_login(settings: Settings) -> str:
    """``user:password``, "" while no password is set; ConfigurationError for one that Flower could not compare."""
    if not USER.fullmatch(settings.flower_user):
        raise ConfigurationError("CTCOLLECT_FLOWER_USER: use printable ASCII without space, comma and colon")
    if not PASSWORD.fullmatch(settings.flower_password):
        raise ConfigurationError("CTCOLLECT_FLOWER_PASSWORD: use printable ASCII without a comma")
    return f"{settings.flower_user}:{settings.flower_password}" if settings.flower_password else ""


def flower_variables(settings: Settings, address: str, port: int) -> dict[str, str]:
    """The environment of a Flower that listens on ``address`` and ``port``, below its own path.

    Without a password it gets one that nobody knows.
    """
    return {
        "FLOWER_ADDRESS": address,
        "FLOWER_PORT": str(port),
        "FLOWER_URL_PREFIX": PREFIX,
        "FLOWER_BASIC_AUTH": flower_login(settings) or f"nobody:{secrets.token_urlsafe()}",
        "FLOWER_ENABLE_EVENTS": "false",  # true would make every worker report each of its tasks
        "FLOWER_MAX_TASKS": "1000",  # what a friend may fill its memory with
        "FLOWER_LOGGING": "warning",
    }

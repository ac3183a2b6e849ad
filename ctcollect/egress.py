"""The ways out of this machine: the plain connection, or a proxy. Credentials stay inside."""

import re
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from ctcollect.errors import ConfigurationError

DEFAULT_PORTS = {"http": 80, "https": 443, "socks5": 1080, "socks5h": 1080}
DIRECT_WORD = "direct"
PLAIN_HOST = re.compile(r"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+")


@dataclass(frozen=True, slots=True)
class Egress:
    """``url`` of a proxy with its credentials, or "" for the plain connection. Shown only by its ``label``."""

    url: str = field(default="", repr=False)
    label: str = DIRECT_WORD

    def __str__(self) -> str:
        return self.label

    @property
    def scheme(self) -> str:
        """http, https, socks5, socks5h; "" for the plain connection."""
        return urlsplit(self.url).scheme

    @property
    def is_socks(self) -> bool:
        return self.scheme.startswith("socks5")

    @property
    def resolves_here(self) -> bool:
        """Whether this machine looks up a log's addresses; else it is the proxy's business, and stays unknown here."""
        return self.scheme in ("", "socks5")

    @property
    def address(self) -> tuple[str, int]:
        """Host and port of the proxy."""
        parts = urlsplit(self.url)
        return parts.hostname or "", parts.port or DEFAULT_PORTS[parts.scheme]

    @property
    def credentials(self) -> tuple[str, str] | None:
        """User name and password, unescaped."""
        parts = urlsplit(self.url)
        return None if parts.username is None else (unquote(parts.username), unquote(parts.password or ""))


DIRECT = Egress()
Egresses = tuple[Egress, ...]


def parse_egresses(text: str) -> Egresses:
    """The egresses of a comma list of proxy urls and the word ``direct``; only the plain one for an empty list.

    ConfigurationError says what is wrong without showing the credentials.
    """
    items = filter(None, map(str.strip, text.split(",")))
    return tuple(dict.fromkeys(map(parse_egress, items))) or (DIRECT,)


def parse_egress(text: str) -> Egress:
    """One proxy url (http, https, socks5 or socks5h) or ``direct``."""
    if text.lower() == DIRECT_WORD:
        return DIRECT
    try:
        parts = urlsplit(text)
        scheme, host, port = parts.scheme.lower(), parts.hostname or "", parts.port
    except ValueError:
        scheme, host, port = "", "", None
    if scheme not in DEFAULT_PORTS or not PLAIN_HOST.fullmatch(host) or port == 0:
        raise ConfigurationError(
            f"{masked(text)} is no proxy: write http, https, socks5 or socks5h://[user:password@]host:port"
        )
    shown = f"[{host}]" if ":" in host else host
    return Egress(f"{scheme}://{parts.netloc}", f"{scheme}://{shown}:{port or DEFAULT_PORTS[scheme]}")


def masked(text: str) -> str:
    """``text`` without what may be credentials: whatever stands before an @."""
    scheme, separator, rest = text.partition("://")
    if not separator:
        scheme, rest = "", text
    _, at, host = rest.rpartition("@")
    return f"{scheme}{separator}{'***@' if at else ''}{host}"[:80]

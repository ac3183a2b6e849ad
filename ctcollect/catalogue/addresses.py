"""What an address alone tells about a log: a plain url, a placeholder, a machine nearby. No DNS is asked."""

import re
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

# urlsplit drops tabs and line ends in silence, others do not.
VISIBLE = re.compile(r"[!-~]+")
# No user name, no escape, no backslash: two URL parsers must never read two hosts out of one address.
AUTHORITY = r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?"
# No part begins with a dot: the leaf files of a log lie in folders named after its url.
LOG_URL = re.compile(rf"https?://{AUTHORITY}(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*/?")

URL_MAX_CHARACTERS = 200
LOCAL_NAMES = ("localhost", "local", "internal", "test")
# RFC 2606: names that are only ever examples.
PLACEHOLDER_NAMES = ("example.com", "example.net", "example.org", "example", "invalid")
NAT64 = IPv6Network("64:ff9b::/96")
NUMBER = re.compile(r"[0-9]+|0[xX][0-9a-fA-F]*")


def is_log_url(url: str) -> bool:
    """True for an http(s) url of at most 200 characters with a plain host, port and path, nothing else."""
    return len(url) <= URL_MAX_CHARACTERS and LOG_URL.fullmatch(url) is not None and _host(url) is not None


def is_placeholder(url: str) -> bool:
    """True for a url under a name reserved for examples: real lists hold some, and nobody must fetch them."""
    return _is_under(_host(url) or "", PLACEHOLDER_NAMES)


def is_local_url(url: str) -> bool:
    """True for a url that only tests and demos use: not https, or a host that is not on the public Internet.

    Such hosts are IP literals that are not global, names without a dot, and names under localhost, local,
    internal and test. An address that cannot be read for certain counts as local: the careful answer.
    """
    host = _host(url)
    return not url.lower().startswith("https://") or host is None or _is_local_host(host)


def _is_local_host(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        # "127.1", "2130706433" and "0x7f.1" are no names either: resolvers take them for 127.0.0.1.
        last_label = host.rpartition(".")[2]
        return "." not in host or _is_under(host, LOCAL_NAMES) or NUMBER.fullmatch(last_label) is not None
    return not is_public_address(host)


def is_public_address(address: str) -> bool:
    """Whether an IP address is one of a single machine on the public Internet, also behind IPv6's old coats of IPv4."""
    found = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if inner is not None:
            return is_public_address(str(inner))
        if found in NAT64:
            return is_public_address(str(IPv4Address(int(found) & 0xFFFFFFFF)))
    return found.is_global and not found.is_multicast


def _host(url: str) -> str | None:
    """The host in lower case, without brackets and trailing dot; None when the authority is no plain one."""
    try:
        parts = urlsplit(url)
        plain = VISIBLE.fullmatch(url) and re.fullmatch(AUTHORITY, parts.netloc)
        if not plain or parts.port == 0:
            return None
    except ValueError:
        return None
    return (parts.hostname or "").rstrip(".") or None


def _is_under(host: str, names: tuple[str, ...]) -> bool:
    return any(host == name or host.endswith("." + name) for name in names)

"""Sentences that come from elsewhere, made fit for a page that everybody reads. PURE.

An error that a friend's machine tells may name its address, its proxy's password or a folder in its home.
"""

import re
import unicodedata
from ipaddress import ip_address

LINE_CHARACTERS = 255
CREDENTIALS = re.compile(r"//[^/\s@]*@")
PATH = re.compile(r"(?:(?<=[\s'\"(])|^)(?:~?/|[A-Za-z]:\\)[^\s'\",;()]+")
IPV4 = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?!\d|\.\d)")
IPV6 = re.compile(r"(?<![\w:])[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?![\w:])")


def public_line(text: str) -> str:
    """``text`` in one line of at most 255 characters, without what does not show, addresses, passwords and paths.

    Loopback addresses stay: they tell nothing of anybody.
    """
    line = " ".join("".join(map(_shown, text[: 4 * LINE_CHARACTERS])).split())
    line = PATH.sub("(a path)", CREDENTIALS.sub("//", line))
    for pattern in (IPV4, IPV6):
        line = pattern.sub(lambda found: _address(found[0]), line)
    return line[:LINE_CHARACTERS]


def _shown(character: str) -> str:
    """Control, format (right-to-left marks) and surrogate characters become spaces."""
    return " " if unicodedata.category(character)[0] == "C" else character


def _address(text: str) -> str:
    try:
        return text if ip_address(text).is_loopback else "(an address)"
    except ValueError:
        return text

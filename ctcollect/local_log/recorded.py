"""Recorded entries from files: answers of get-entries, or JSON lines as the project's own leaf files hold them."""

from pathlib import Path
from typing import Any

import orjson
import zstandard

from ctcollect.errors import ConfigurationError, MalformedEntry
from ctcollect.protocol.codec import decode_base64

MAX_BYTES = 2**30


def read_recorded(path: Path) -> list[tuple[bytes, bytes]]:
    """(leaf_input, extra_data) of each entry, in the file's order; ConfigurationError when it holds none.

    The file is ``{"entries": [{"leaf_input", "extra_data"}, ...]}`` (RFC 6962, 4.6), or one such object a line,
    plain or compressed with zstd.
    """
    try:
        entries = [_pair(document) for document in _documents(_content(path))]
    except OSError as error:
        raise ConfigurationError(f"{path} can't be read: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, MalformedEntry, zstandard.ZstdError) as error:
        raise ConfigurationError(f"{path} is not a file of recorded entries: {error}") from None
    if not entries:
        raise ConfigurationError(f"{path} holds no entries")
    return entries


def _content(path: Path) -> bytes:
    content = path.read_bytes()
    if path.suffix == ".zst":
        return zstandard.ZstdDecompressor().decompress(content, max_output_size=MAX_BYTES)
    return content


def _documents(content: bytes) -> list[Any]:
    try:
        whole = orjson.loads(content)
    except orjson.JSONDecodeError:
        return [orjson.loads(line) for line in content.splitlines() if line.strip()]
    return list(whole["entries"]) if "entries" in whole else [whole]


def _pair(document: dict[str, str]) -> tuple[bytes, bytes]:
    return decode_base64(document["leaf_input"], "leaf_input"), decode_base64(document["extra_data"], "extra_data")

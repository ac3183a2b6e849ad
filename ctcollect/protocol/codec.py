"""The TLS presentation language (RFC 8446 section 3) and base64: what every structure of CT is written in."""

import pybase64

from ctcollect.errors import MalformedEntry


class Reader:
    """Takes big-endian numbers and opaque vectors from the front of ``data``.

    Every method raises MalformedEntry, in one line that begins with ``what``, when fewer bytes are left
    than it needs. Nothing is ever allocated beyond the bytes that are there.
    """

    __slots__ = ("_data", "_offset", "_what")

    def __init__(self, data: bytes, what: str = "value") -> None:
        self._data = data
        self._offset = 0
        self._what = what

    @property
    def remaining(self) -> int:
        """Bytes not yet taken."""
        return len(self._data) - self._offset

    def take(self, n: int) -> bytes:
        """The next ``n`` bytes."""
        start, stop = self._offset, self._offset + n
        if stop > len(self._data):
            raise MalformedEntry(f"{self._what}: {n} bytes wanted at offset {start}, {self.remaining} left")
        self._offset = stop
        return self._data[start:stop]

    def u8(self) -> int:
        return int.from_bytes(self.take(1), "big")

    def u16(self) -> int:
        return int.from_bytes(self.take(2), "big")

    def u24(self) -> int:
        return int.from_bytes(self.take(3), "big")

    def u64(self) -> int:
        return int.from_bytes(self.take(8), "big")

    def opaque8(self) -> bytes:
        """``opaque<0..2^8-1>``, as all of these without its length."""
        return self.take(self.u8())

    def opaque16(self) -> bytes:
        """``opaque<0..2^16-1>``."""
        return self.take(self.u16())

    def opaque24(self) -> bytes:
        """``opaque<0..2^24-1>``."""
        return self.take(self.u24())

    def end(self) -> None:
        """MalformedEntry unless every byte was taken: trailing bytes are not part of any structure."""
        if self.remaining:
            raise MalformedEntry(f"{self._what}: {self.remaining} bytes left over after offset {self._offset}")


def opaque8(value: bytes) -> bytes:
    """``value`` with its length in one byte before it; OverflowError when it is longer than 2^8-1."""
    return len(value).to_bytes(1, "big") + value


def opaque16(value: bytes) -> bytes:
    """``value`` with its length in two bytes before it; OverflowError when it is longer than 2^16-1."""
    return len(value).to_bytes(2, "big") + value


def opaque24(value: bytes) -> bytes:
    """``value`` with its length in three bytes before it; OverflowError when it is longer than 2^24-1."""
    return len(value).to_bytes(3, "big") + value


def decode_base64(text: str | bytes, what: str = "value") -> bytes:
    """The bytes that ``text`` stands for (RFC 4648 section 4: padded, no line breaks, no other alphabet).

    MalformedEntry, in one line that begins with ``what``, for anything else.
    """
    try:
        return pybase64.b64decode(text, validate=True)
    except ValueError:
        raise MalformedEntry(f"{what}: not base64") from None

"""Broken input made from good input: bytes, texts and JSON documents, by a seeded ``Random``."""

import copy
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

ODD_VALUES: Sequence[Any] = (
    None, True, False, 0, -1, 1, 31, 32, 2**31, 2**53, 2**63, 2**64, 10**30, 0.5, 1e308, float("inf"), float("nan"),
    "", "\0", "\ud800", "A" * 1000, "ff" * 32, "=" * 4, "\U0001f5fe", "9" * 5000, [], [[]], {}, {"": None},
)  # fmt: skip
ODD_OCTETS = (b"\0", b"\xff" * 4, b"\x30\x80", b"\x7f\xff", b"\x00\x00\x01", b"\x84\xff\xff\xff\xff", b".jp", b"\n")


def broken_bytes(draw: Random, valid: bytes) -> bytes:
    """One to four changes, or now and then octets of no origin at all."""
    if draw.random() < 0.05:
        return draw.randbytes(draw.randrange(200))
    for _ in range(draw.randint(1, 4)):
        valid = draw.choice(BYTE_CHANGES)(draw, valid)
    return valid


def _flip(draw: Random, data: bytes) -> bytes:
    if not data:
        return b"\1"
    at = draw.randrange(len(data))
    return data[:at] + bytes([data[at] ^ 1 << draw.randrange(8)]) + data[at + 1 :]


def _replace(draw: Random, data: bytes) -> bytes:
    """The length stays: what stands in length fields is often still true."""
    at = draw.randrange(len(data) + 1)
    piece = draw.choice([*ODD_OCTETS, draw.randbytes(draw.randint(1, 4))])
    return (data[:at] + piece + data[at + len(piece) :])[: max(len(data), 1)]


def _cut(draw: Random, data: bytes) -> bytes:
    return data[: draw.randrange(len(data) + 1)]


def _insert(draw: Random, data: bytes) -> bytes:
    at = draw.randrange(len(data) + 1)
    return data[:at] + draw.choice(ODD_OCTETS) + data[at:]


def _drop(draw: Random, data: bytes) -> bytes:
    at = draw.randrange(len(data) + 1)
    return data[:at] + data[at + draw.randint(1, 16) :]


def _repeat(draw: Random, data: bytes) -> bytes:
    at, length = draw.randrange(len(data) + 1), draw.randint(1, 64)
    return data[:at] + data[at : at + length] * draw.randint(2, 4) + data[at + length :]


BYTE_CHANGES: Sequence[Callable[[Random, bytes], bytes]] = (
    _flip,
    _flip,
    _replace,
    _replace,
    _cut,
    _insert,
    _drop,
    _repeat,
)


def broken_text(draw: Random, valid: str) -> str:
    """Code points of all planes, lone surrogates among them, put into a text or in the place of it."""
    strange = "".join(chr(draw.choice(CODE_POINTS)(draw)) for _ in range(draw.randint(0, 8)))
    at = draw.randrange(len(valid) + 1)
    return draw.choice(
        [strange, valid[:at] + strange + valid[at:], valid[:at], valid * draw.randint(0, 9), valid.upper()]
    )


CODE_POINTS: Sequence[Callable[[Random], int]] = (
    lambda draw: draw.randrange(0x80),
    lambda draw: draw.choice([0x2E, 0x3002, 0xFF0E, 0xFF61, 0x2A, 0x20, 0x0]),
    lambda draw: draw.randrange(0x3040, 0xA000),
    lambda draw: draw.randrange(0x110000),
    lambda draw: draw.randrange(0xD800, 0xE000),
)


def broken_document(draw: Random, valid: Any) -> Any:
    """A JSON document with one to three of its values changed, gone, or moved; or another document altogether."""
    if draw.random() < 0.02:
        return draw.choice(ODD_VALUES)
    document = copy.deepcopy(valid)
    for _ in range(draw.randint(1, 3)):
        _break_inside(draw, document)
    return document


def _break_inside(draw: Random, node: Any) -> None:
    """Walk down by chance; somewhere on the way a member is changed."""
    while isinstance(node, (dict, list)) and node:
        key = draw.choice(list(node) if isinstance(node, dict) else range(len(node)))
        value = node[key]
        if not isinstance(value, (dict, list)) or draw.random() < 0.2:
            _break_member(draw, node, key)
            return
        node = value


def _break_member(draw: Random, node: Any, key: Any) -> None:
    value = node[key]
    match draw.randrange(4):
        case 0:
            del node[key]
        case 1:
            node[key] = draw.choice(ODD_VALUES)
        case 2:
            node[key] = node[draw.choice(list(node) if isinstance(node, dict) else range(len(node)))]
        case _:
            node[key] = _another(draw, value)


def _another(draw: Random, value: Any) -> Any:
    """A value of the same type, near the one that is there."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return draw.choice([value + 1, value - 1, -value, value + 32, value * 2, value ^ 1 << draw.randrange(64)])
    if isinstance(value, str):
        if value.isascii() and draw.random() < 0.7:
            return broken_bytes(draw, value.encode()).decode("latin-1")
        return broken_text(draw, value)
    return [value]

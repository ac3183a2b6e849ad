"""The definitions of RFC 6962 section 2.1, written down as they stand there: slow, and plainly right."""

from collections.abc import Iterator
from functools import cache
from hashlib import sha256

Leaves = tuple[bytes, ...]


def inputs(n: int) -> Leaves:
    """``n`` different leaf inputs."""
    return tuple(b"leaf %d" % i for i in range(n))


def split(n: int) -> int:
    """The largest power of two smaller than n: k < n <= 2k."""
    k = 1
    while 2 * k < n:
        k *= 2
    return k


@cache
def mth(d: Leaves) -> bytes:
    """MTH(D[n])."""
    if not d:
        return sha256(b"").digest()
    if len(d) == 1:
        return sha256(b"\x00" + d[0]).digest()
    k = split(len(d))
    return sha256(b"\x01" + mth(d[:k]) + mth(d[k:])).digest()


def path(m: int, d: Leaves) -> Leaves:
    """PATH(m, D[n])."""
    if len(d) == 1:
        return ()
    k = split(len(d))
    if m < k:
        return (*path(m, d[:k]), mth(d[k:]))
    return (*path(m - k, d[k:]), mth(d[:k]))


def proof(m: int, d: Leaves) -> Leaves:
    """PROOF(m, D[n])."""
    return subproof(m, d, True)


def subproof(m: int, d: Leaves, is_whole: bool) -> Leaves:
    """SUBPROOF(m, D[n], b)."""
    if m == len(d):
        return () if is_whole else (mth(d),)
    k = split(len(d))
    if m <= k:
        return (*subproof(m, d[:k], is_whole), mth(d[k:]))
    return (*subproof(m - k, d[k:], False), mth(d[:k]))


def nodes(start: int, end: int) -> Iterator[tuple[int, int]]:
    """The spans [start, end) of all nodes of the tree over these leaves."""
    yield start, end
    if end - start > 1:
        middle = start + split(end - start)
        yield from nodes(start, middle)
        yield from nodes(middle, end)

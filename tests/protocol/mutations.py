"""Hypothesis strategies that break valid bytes in the ways that logs and lines break them."""

from collections.abc import Iterator

from hypothesis import strategies as st


def broken(valid: st.SearchStrategy[bytes]) -> st.SearchStrategy[bytes]:
    """Valid bytes cut short, lengthened, or with some bytes replaced; and bytes of no origin at all."""
    cut = st.builds(lambda data, n: data[:n], valid, st.integers(0, 120))
    longer = st.builds(bytes.__add__, valid, st.binary(min_size=1, max_size=5))
    replaced = st.builds(_replace, valid, st.integers(0, 2**16), st.binary(min_size=1, max_size=4))
    return st.one_of(st.binary(max_size=120), cut, longer, replaced, valid)


def _replace(data: bytes, position: int, piece: bytes) -> bytes:
    start = position % (len(data) + 1)
    return data[:start] + piece + data[start + len(piece) :]


def flip_every_bit(data: bytes) -> Iterator[bytes]:
    """``data`` with one bit flipped, once for each bit."""
    number = int.from_bytes(data, "big")
    return ((number ^ 1 << i).to_bytes(len(data), "big") for i in range(8 * len(data)))

"""Keeps a worker small: all of its threads share one heap."""

import contextlib
import ctypes

M_ARENA_MAX = -8


def share_one_heap() -> None:
    """Tell glibc to keep one arena instead of one for each thread.

    What one thread frees serves the next then: bodies of a megabyte stay in no thread's own heap, and they need not be
    mapped anew each time, which would cost a quarter of a worker's processor time (mallopt(3)). Threads seldom wait
    for the heap, for they hold Python's lock while they allocate. Elsewhere than on glibc this does nothing.
    """
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 1)

"""Keeps a worker small: all of its threads share one heap."""

import contextlib
import ctypes

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8
LARGE_BYTES = 2 * 2**20
FREE_BYTES = 4 * 2**20


def share_one_heap() -> None:
    """Tell glibc to keep one arena instead of one for each thread.

    What one thread frees serves the next then: bodies of a megabyte stay in no thread's own heap, and they need not be
    mapped anew each time, which would cost a quarter of a worker's processor time (mallopt(3)). Threads seldom wait
    for the heap, for they hold Python's lock while they allocate. Buffers of 2 MiB and more are mapped each by itself,
    and of what is free at the heap's end 4 MiB are kept: what glibc would choose instead follows from the order of the
    first answers, and may give every answer of 32 entries back to the system. Elsewhere than on glibc nothing is done.
    """
    with contextlib.suppress(OSError, AttributeError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(M_ARENA_MAX, 1)
        mallopt(M_MMAP_THRESHOLD, LARGE_BYTES)
        mallopt(M_TRIM_THRESHOLD, FREE_BYTES)

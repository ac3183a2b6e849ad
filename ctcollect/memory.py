"""Keeps a worker small: large buffers go back to the system as soon as they are freed."""

import contextlib
import ctypes

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
LARGE_BYTES = 2 * 2**20


def return_large_buffers() -> None:
    """Tell glibc, for good, to map each buffer of 2 MiB and more by itself, and to return what lies free beyond that.

    Left alone it raises that limit to the size of the bodies that are freed (up to 32 MiB), keeps them in a heap
    for each thread, and a worker of eight threads grows by megabytes a thread (mallopt(3)). With a limit below the
    usual answers (1.2 MB for 256 entries) the system would have to clear new memory for each of them, which costs more
    time than their JSON. Elsewhere than on glibc this does nothing.
    """
    with contextlib.suppress(OSError, AttributeError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(M_MMAP_THRESHOLD, LARGE_BYTES)
        mallopt(M_TRIM_THRESHOLD, LARGE_BYTES)

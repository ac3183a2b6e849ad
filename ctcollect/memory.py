"""Keeps a worker small: large buffers go back to the system as soon as they are freed."""

import contextlib
import ctypes

M_MMAP_THRESHOLD = -3
LARGE_BYTES = 128 * 1024


def return_large_buffers() -> None:
    """Tell glibc to map each buffer of 128 KiB and more by itself, for good.

    Left alone it raises that limit to the size of the bodies that are freed (up to 32 MiB), keeps them in a heap
    for each thread, and a worker of eight threads grows by megabytes a thread (mallopt(3)). Elsewhere than on
    glibc this does nothing.
    """
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, LARGE_BYTES)

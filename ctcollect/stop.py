"""One word that ends at once what the threads of a process wait for: pauses, turns, and requests in flight."""

import socket
import threading
import weakref
from contextlib import suppress


class Stop:
    """Set once and for good. Thread-safe, and fit to be set by a signal's handler."""

    def __init__(self) -> None:
        self._event = threading.Event()
        # Reentrant: a signal may strike the thread that holds it.
        self._lock = threading.RLock()
        self._handles: set[socket.socket] = set()
        self._children: weakref.WeakSet[Stop] = weakref.WeakSet()
        self._is_told = False

    def child(self) -> "Stop":
        """A Stop for a part of the work: set alone, or together with this one."""
        child = Stop()
        with self._lock:
            self._children.add(child)
        if self.is_set():
            child.set()
        return child

    @property
    def watched(self) -> int:
        """How many sockets it would shut down."""
        return len(self._handles)

    def is_set(self) -> bool:
        return self._event.is_set()

    def wait(self, seconds: float | None = None) -> bool:
        """Pause for ``seconds``, or until it is set: True then."""
        return self._event.wait(seconds)

    def set(self) -> None:
        """End every pause, and every read, write and connect on a watched socket."""
        if self._is_told:
            return  # a second signal, perhaps in the middle of the first one's work, which it must not wait for
        self._is_told = True
        self._event.set()
        with self._lock:
            for handle in self._handles:
                _shut(handle)
            for child in list(self._children):
                child.set()

    def watch(self, connection: socket.socket) -> socket.socket:
        """Shut ``connection`` down when this is set, also if that was before. Give the handle to forget() in the end.

        The handle is a duplicate, because TLS takes the original's file descriptor away.
        """
        handle = connection.dup()
        with self._lock:
            self._handles.add(handle)
        if self.is_set():
            _shut(handle)
        return handle

    def forget(self, handle: socket.socket) -> None:
        with self._lock:
            self._handles.discard(handle)
        handle.close()


def _shut(handle: socket.socket) -> None:
    with suppress(OSError):  # its other end may have been faster
        handle.shutdown(socket.SHUT_RDWR)

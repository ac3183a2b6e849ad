"""Guards: one process at a time does a job, and one that died is soon forgotten."""

import threading
import time

from ctcollect.store import Store
from ctcollect.store.guards import guard

LEASE_SECONDS = 0.3


def is_free(store: Store) -> bool:
    with guard(store, "feed", 60) as is_ours:
        return is_ours


def test_a_lease_is_renewed_while_its_holder_works(store: Store) -> None:
    """A job that takes many leases' time is nobody else's, and free as soon as it ends."""
    with guard(store, "feed", 60, LEASE_SECONDS) as is_ours:
        assert is_ours
        deadline = time.monotonic() + 3 * LEASE_SECONDS
        while time.monotonic() < deadline:
            assert not is_free(store)
            time.sleep(LEASE_SECONDS / 20)
    assert is_free(store)


def test_a_job_that_hangs_is_free_in_the_end(store: Store) -> None:
    """Renewals end with the time that the job may take at most, though its holder lives."""
    with guard(store, "feed", 2 * LEASE_SECONDS, LEASE_SECONDS):
        assert not is_free(store)
        time.sleep(3 * LEASE_SECONDS)
        assert is_free(store)
        assert not any(thread.name == "guard feed" for thread in threading.enumerate())

"""Redelivery of what a dead worker held, as far as it is a matter of settings; tests/fleet kills real workers."""

from kombu.connection import Connection
from kombu.transport.redis import Mutex

import celeryconfig

LONGEST_SECONDS = 30


def test_a_worker_that_dies_while_it_looks_for_lost_work_is_soon_forgotten(broker_url: str) -> None:
    """Kombu's lock on the search, left by a process that was killed inside it, ends after seconds."""
    with Connection(broker_url, transport_options=celeryconfig.broker_transport_options) as connection:
        channel = connection.default_channel
        with (
            channel.conn_or_acquire() as client,
            Mutex(client, channel.unacked_mutex_key, channel.unacked_mutex_expire),
        ):
            assert 0 < client.ttl(channel.unacked_mutex_key) <= LONGEST_SECONDS

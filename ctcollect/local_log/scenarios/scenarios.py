"""All of them."""

from functools import cache

from ctcollect.local_log.scenarios import changes, incidents, machines, people, views
from ctcollect.local_log.scenarios.expected import Scenario

MAKERS = (
    machines.certbot,
    people.late_once,
    machines.content_delivery_network,
    changes.to_lets_encrypt,
    views.days_of_tokyo,
    changes.added_name,
    changes.wildcard,
    incidents.revoked_by_the_ca,
    machines.three_servers,
    views.windows_only,
    incidents.broken_cron,
    incidents.long_lapse,
    people.shorter_by_rule,
    machines.amazon,
    people.lets_encrypt_by_hand,
    incidents.missing_record,
)


@cache
def scenarios() -> tuple[Scenario, ...]:
    """By number; the same on every machine and at any time."""
    return tuple(make() for make in MAKERS)

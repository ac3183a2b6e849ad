"""The Gate of each host: the catalogue's policy and the settings of this machine put together."""

from urllib.parse import urlsplit

from ctcollect.catalogue import HostPolicy, host_policy, is_local_url, matches_host, operator_of
from ctcollect.pace import Gate, Gates, Pace
from ctcollect.settings import Settings

LOCAL_PER_SECOND = 100_000.0
# A log of one's own is free of limits until it objects.
LOCAL_POLICY = HostPolicy(LOCAL_PER_SECOND, LOCAL_PER_SECOND, 0.0, 0, keep_alive=True)


def host_of(url: str) -> str:
    """What limits count by: the host in lower case, with the port when the url names one."""
    return urlsplit(url).netloc.lower()


def policy_of(url: str, queue: str) -> HostPolicy:
    """The catalogue's policy for the host of ``url``, whose log is on ``queue``."""
    return LOCAL_POLICY if is_local_url(url) else host_policy(host_of(url), operator_of(queue))


def gate_for(gates: Gates, url: str, queue: str, settings: Settings) -> Gate:
    """The one Gate of the host of ``url``."""
    return gates.of(host_of(url), lambda: _new_gate(url, queue, settings))


def _new_gate(url: str, queue: str, settings: Settings) -> Gate:
    policy, host = policy_of(url, queue), host_of(url)
    ceiling = _own_ceiling(host, policy, settings)
    start = min(settings.pace_start_per_second or policy.requests_per_second_start, ceiling)
    return Gate(
        [Pace(start, ceiling, egress) for egress in settings.proxies],
        settings.requests_in_flight or policy.requests_in_flight,
        policy.keep_alive and not _is_listed(host, settings.hosts_without_keep_alive),
    )


def _own_ceiling(host: str, policy: HostPolicy, settings: Settings) -> float:
    """What the owner of this machine says of the host goes before the catalogue; the general ceiling binds always."""
    said = [rate for pattern, rate in settings.host_paces if matches_host(host, pattern)]
    own = said[0] if said else policy.requests_per_second_ceiling
    return min(own, settings.pace_ceiling_per_second or own)


def _is_listed(host: str, patterns: str) -> bool:
    return any(matches_host(host, pattern.strip().lower()) for pattern in patterns.split(",") if pattern.strip())

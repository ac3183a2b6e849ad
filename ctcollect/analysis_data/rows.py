"""What an analysis reads: plain values. Times are seconds since 1970 UTC, hashes lower-case hex, spans half-open."""

from typing import NamedTuple

from ctcollect.ranges import Span

TimeSpan = tuple[float, float]


class Issuance(NamedTuple):
    """One certificate that was seen in at least one log.

    ``names``: every SAN name, sorted, each once; of a certificate without any, its .jp names. ``issued_at_s``: the
    earliest of its precertificates' leaf timestamps and its embedded SCTs' timestamps, None when it has neither; a
    final certificate's leaf timestamp never counts, since anybody may submit that late. ``registered_domains`` and
    ``organisation_types``: those of its .jp names, sorted. ``log_ids``: where it was seen; ``sct_log_ids``: what its
    embedded SCTs name.
    """

    id: int
    identity: str
    issuer_key_hash: str | None
    serial: str | None
    issuer_o: str | None
    issuer_cn: str | None
    not_before_s: int | None
    not_after_s: int | None
    issued_at_s: float | None
    names: tuple[str, ...]
    registered_domains: tuple[str, ...]
    spki_hash: str | None
    policy_oids: tuple[str, ...]
    log_ids: tuple[str, ...]
    sct_log_ids: tuple[str, ...]
    organisation_types: tuple[str, ...]


class Lineage(NamedTuple):
    """All certificates with exactly these names, by time of issue, then by dates, then by identity."""

    names: tuple[str, ...]
    issuances: tuple[Issuance, ...]


class LogCoverage(NamedTuple):
    """What of a log is proven complete: its entries in ``verified``, which were logged in the times ``issued``.

    ``not_after_*_s``: the shard takes certificates that end in [start, end); None without a limit.
    """

    log_id: str
    not_after_start_s: float | None
    not_after_end_s: float | None
    issued: tuple[TimeSpan, ...]
    name: str
    operator: str
    state: str | None
    tree_size: int
    wanted: tuple[Span, ...]
    verified: tuple[Span, ...]

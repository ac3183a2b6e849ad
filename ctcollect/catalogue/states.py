"""What a log's state means for collecting it: one table of rules (states.json), and the state that holds now.

A list's word is kept as it is. Beside it stands the derived state: a shard whose interval has ended is expired
whatever its list calls it (lists say "rejected" for those and for logs that failed), a step that a list only
announces has not been taken yet, and a log that no list vouches for is called "none" or "test".
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Literal, Protocol

EXPIRED, NONE, TEST, UNKNOWN = "expired", "none", "test", "unknown"
TEST_TYPES = ("test", "monitoring_only")


@dataclass(frozen=True, slots=True)
class StateRule:
    """One row of the table.

    ``follow``: whether what is wanted of a log grows with its head, ends at its final head, or stays as it is once
    the state has lasted for a merge delay.
    ``collect``: "try" is for logs that may be gone already, "if asked" for those that nobody vouches for.
    ``order`` of work: 1 first. ``on_failure``: what a log is that has not answered for long: "unobtainable", or
    still only resting. ``before`` is the state of a log whose step to this one lies in the future.
    """

    state: str
    takes_new_entries: Literal["yes", "maybe", "no"]
    follow: Literal["head", "final", "no"]
    collect: Literal["yes", "try", "if asked"]
    order: int
    needs_final_root: bool
    on_failure: Literal["unobtainable", "rest"]
    before: str


class Listed(Protocol):
    """What of a log decides its state. Times are naive UTC."""

    @property
    def state(self) -> str | None: ...
    @property
    def state_since(self) -> datetime | None: ...
    @property
    def interval_end(self) -> datetime | None: ...
    @property
    def log_type(self) -> str | None: ...


@cache
def state_rules() -> Mapping[str, StateRule]:
    """The rows of states.json by state."""
    rows = json.loads(files(__package__).joinpath("states.json").read_text("utf-8"))
    return MappingProxyType({row["state"]: StateRule(**row) for row in rows})


def derived_state(log: Listed, now: datetime) -> str:
    """The state that holds at ``now`` (naive UTC): always one of state_rules()."""
    if log.state is None and log.log_type in TEST_TYPES:
        return TEST
    if log.interval_end is not None and log.interval_end <= now:
        return EXPIRED
    rule = _listed_rule(log)
    is_announced = log.state_since is not None and log.state_since > now
    return rule.before if is_announced else rule.state


def rule_of(log: Listed, now: datetime) -> StateRule:
    """The rule of the state that holds at ``now``."""
    return state_rules()[derived_state(log, now)]


def work_order(log: Listed, now: datetime) -> tuple[int, datetime]:
    """Sorts logs into the order of work: those about to vanish first, then by the end of their interval.

    What a list says or announces counts as well as what holds now, whichever is more urgent.
    """
    rank = min(_listed_rule(log).order, rule_of(log, now).order)
    return rank, log.interval_end or datetime.max


def keeps_final_head(state: str | None) -> bool:
    """Whether a final tree head that is known of a log still holds in the state that a list gives now."""
    return _rule_named(state).takes_new_entries != "yes"


def _listed_rule(log: Listed) -> StateRule:
    return _rule_named(log.state)


def _rule_named(state: str | None) -> StateRule:
    rules = state_rules()
    return rules[NONE] if state is None else rules.get(state, rules[UNKNOWN])

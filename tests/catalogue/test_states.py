"""The table of states, row by row, and the state that holds beside the one that a list gives."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from ctcollect.catalogue import Log, derived_state, keeps_final_head, read_log_list, rule_of, state_rules, work_order
from tests.catalogue.lists import entry, log_list

NOW = datetime(2026, 11, 22)
(LOG,) = read_log_list(log_list(entry())).logs
OPEN = replace(LOG, interval_start=NOW, interval_end=NOW + timedelta(days=1))


def listed(state: str | None, **changes: Any) -> Log:
    """A log whose interval is not over, in this state of a list since long ago."""
    return replace(OPEN, state=state, **changes)


# state: takes new entries, follow, collect, order of work, needs the final root, what a long failure makes of it
TABLE = {
    "pending": ("yes", "head", "yes", 3, False, "unobtainable"),
    "qualified": ("yes", "head", "yes", 3, False, "unobtainable"),
    "usable": ("yes", "head", "yes", 3, False, "unobtainable"),
    "readonly": ("no", "final", "yes", 3, True, "unobtainable"),
    "retired": ("maybe", "head", "yes", 1, False, "unobtainable"),
    "rejected": ("no", "no", "try", 2, False, "unobtainable"),
    "expired": ("no", "no", "try", 2, False, "unobtainable"),
    "unknown": ("maybe", "head", "try", 3, False, "unobtainable"),
    "none": ("maybe", "head", "if asked", 3, False, "rest"),
    "test": ("maybe", "head", "if asked", 3, False, "rest"),
}


@pytest.mark.parametrize("state", TABLE)
def test_each_row_of_the_rules(state: str) -> None:
    """What each state means for collection is what the table of the documentation says."""
    rule = state_rules()[state]
    assert TABLE[state] == (
        *(rule.takes_new_entries, rule.follow, rule.collect),
        *(rule.order, rule.needs_final_root, rule.on_failure),
    )
    assert rule.before in state_rules()
    assert state_rules().keys() == TABLE.keys()


@pytest.mark.parametrize("state", [*sorted(TABLE.keys() - {"none", "test"}), "dissolved", None])
def test_an_ended_interval_is_expired_whatever_the_list_says(state: str | None) -> None:
    """Up to its very end a shard has its list's state; from then on it is expired. The list's own word stays."""
    log = listed(state, interval_end=NOW)
    assert derived_state(log, NOW) == "expired"
    expected = {"dissolved": "unknown", None: "none"}.get(state, state)
    assert derived_state(log, NOW - timedelta(microseconds=1)) == expected
    assert log.state == state


@pytest.mark.parametrize("log_type", ["test", "monitoring_only"])
def test_a_log_without_state_is_what_its_type_says(log_type: str) -> None:
    """A test log is one also after its interval; a type that says nothing of tests makes it none."""
    assert derived_state(listed(None, log_type=log_type, interval_end=NOW), NOW) == "test"
    assert derived_state(listed(None, log_type="prod"), NOW) == "none"
    assert derived_state(listed("usable", log_type=log_type), NOW) == "usable"


@pytest.mark.parametrize(
    ("state", "until_then"),
    [("retired", "usable"), ("rejected", "usable"), ("readonly", "usable"), ("usable", "qualified"), (None, "none")],
)
def test_a_state_in_the_future_does_not_hold_yet(state: str | None, until_then: str) -> None:
    """A step that a list only announces is taken at its time; until then the log is what it was before."""
    log = listed(state, state_since=NOW + timedelta(seconds=1))
    assert derived_state(log, NOW) == until_then
    assert derived_state(log, NOW + timedelta(seconds=1)) == (state or "none")


def test_order_of_work() -> None:
    """Retired first, also if only announced or if the shard has ended since; then expired; the rest by their end."""
    soon, later = NOW + timedelta(days=30), NOW + timedelta(days=300)
    logs = {
        "retired, ended": listed("retired", interval_end=NOW - timedelta(days=9)),
        "retired": listed("retired", interval_end=soon),
        "to be retired": listed("retired", interval_end=later, state_since=later),
        "expired, long ago": listed("rejected", interval_end=NOW - timedelta(days=900)),
        "expired": listed("usable", interval_end=NOW - timedelta(days=90)),
        "failed": listed("rejected", interval_end=later),
        "readonly, ends soon": listed("readonly", interval_end=soon),
        "usable, ends later": listed("usable", interval_end=later),
        "takes any": listed("usable", interval_end=None),
    }
    ordered = sorted(dict(reversed(logs.items())), key=lambda name: work_order(logs[name], NOW))
    assert ordered == list(logs)


def test_a_final_tree_head_holds_until_the_log_takes_entries_again() -> None:
    """Lists name it only while a log is readonly; retired and rejected logs still must lead to it."""
    kept = [state for state in [*TABLE, "dissolved", None] if keeps_final_head(state)]
    assert set(TABLE) - set(kept) == {"pending", "qualified", "usable"}
    assert rule_of(listed("readonly"), NOW).needs_final_root

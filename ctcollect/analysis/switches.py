"""Changes of the CA (M12)."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from ctcollect.analysis.events import Event


class Switch(NamedTuple):
    """``event`` is the first by the new owner; owners as in ca_owners.json, several joined by " + "."""

    event: int
    before: str
    after: str


def find_switches(events: Sequence[Event], observed_until_s: float) -> list[Switch]:
    """Adjacent events without a common owner, where the old owners issue no more.

    That they do is known only once their last certificate has expired within what was observed. A CDN's backup CA
    issues in turn with the first: one that was there before has taken over only if it issues after that expiry.
    """
    last_of = {owner: place for place, event in enumerate(events) for owner in event.owners}
    first_of = {owner: place for place, event in reversed(list(enumerate(events))) for owner in event.owners}
    switches = []
    for place, (old, new) in enumerate(pairwise(events)):
        has_gone = old.end_s <= observed_until_s and all(last_of[owner] <= place for owner in old.owners)
        has_taken_over = any(
            first_of[owner] > place or events[last_of[owner]].issued_s >= old.end_s for owner in new.owners
        )
        if has_gone and has_taken_over and old.owners.isdisjoint(new.owners):
            switches.append(Switch(place + 1, _text(old), _text(new)))
    return switches


def _text(event: Event) -> str:
    return " + ".join(sorted(event.owners))

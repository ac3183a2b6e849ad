"""Accumulators kept once for all groups that they belong to, not once for each: most domains are in six."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Generic, NamedTuple, Protocol, Self, TypeVar

Groups = tuple[str, ...]


class Key(NamedTuple):
    """What a figure is of: a measure, family or distribution, a group (``groups``), a season or ""."""

    name: str
    group: str
    season: str


class Mergeable(Protocol):
    def merge(self, other: Self) -> None: ...


A = TypeVar("A", bound=Mergeable)


class Grouped(Generic[A]):
    """By name, season and the set of groups that share an accumulator; what a group holds is merged when asked for."""

    def __init__(self, make: Callable[[], A]) -> None:
        self._make = make
        self._parts: dict[tuple[str, str], dict[Groups, A]] = defaultdict(dict)

    def part(self, name: str, season: str, groups: Groups) -> A:
        """The accumulator to add to what all these groups have in common."""
        parts = self._parts[name, season]
        found = parts.get(groups)
        if found is None:
            found = parts[groups] = self._make()
        return found

    def of(self, key: Key) -> A | None:
        """All that one group holds, as a new accumulator; None when there is nothing."""
        return self.where(key.name, key.season, lambda groups: key.group in groups)

    def where(self, name: str, season: str, is_wanted: Callable[[Groups], bool]) -> A | None:
        """All whose set of groups is wanted, as a new accumulator; None when there is nothing."""
        parts = [part for groups, part in self._parts.get((name, season), {}).items() if is_wanted(groups)]
        if not parts:
            return None
        whole = self._make()
        for part in parts:
            whole.merge(part)
        return whole

    def merge(self, other: Self) -> None:
        """Take what another was given."""
        for (name, season), parts in other._parts.items():
            for groups, part in parts.items():
                self.part(name, season, groups).merge(part)

    def held(self) -> Iterator[Key]:
        """Each name, group and season of which there is something, in order."""
        found = {
            Key(name, group, season)
            for (name, season), parts in self._parts.items()
            for groups in parts
            for group in groups
        }
        yield from sorted(found)

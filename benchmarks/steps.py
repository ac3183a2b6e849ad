"""What each step costs on the way of an entry through a worker, in microseconds of processor time."""

from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.common import Speed, measure
from ctcollect.certificate import is_plainly_not_jp
from ctcollect.coordinator.entries import is_wanted
from ctcollect.domains import may_hold_jp
from ctcollect.protocol.merkle import audit_path, leaf_hash, tree_root
from ctcollect.protocol.rfc6962 import GetEntries, is_well_formed, read_compact
from ctcollect.ranges import UNIT_ENTRIES


class Steps:
    """The steps of the collect path one by one, over answers that were fetched before."""

    def __init__(self, bodies: Sequence[bytes]) -> None:
        self.bodies = bodies
        self.leaf_inputs = [leaf for answer in self._answers() for leaf in answer.leaf_inputs]
        hashes = [leaf_hash(each) for each in self.leaf_inputs]
        self.units = [hashes[at : at + UNIT_ENTRIES] for at in range(0, len(hashes), UNIT_ENTRIES)]
        self.suspects = [each for each in self.leaf_inputs if may_hold_jp(each)]
        self.probable = [each for each in self.suspects if not is_plainly_not_jp(each)]
        self.kept = [index for index, each in enumerate(self.leaf_inputs) if may_hold_jp(each) and is_wanted(each)]

    def _answers(self) -> list[GetEntries]:
        return [answer for body in self.bodies if (answer := read_compact(body))]

    def measure(self) -> dict[str, float]:
        """Microseconds an entry by step."""
        steps: dict[str, Callable[[], Any]] = {
            "answers taken apart, base64 decoded": self._answers,
            "SHA-256 of the leaf": lambda: [leaf_hash(each) for each in self.leaf_inputs],
            "roots of units": lambda: [tree_root(unit) for unit in self.units],
            "may it hold .jp?": lambda: [may_hold_jp(each) for each in self.leaf_inputs],
            "is it well formed?": lambda: [is_well_formed(each) for each in self.leaf_inputs],
            "a glance at those that may": lambda: [is_plainly_not_jp(each) for each in self.suspects],
            "names of those that the glance leaves": lambda: [is_wanted(each) for each in self.probable],
            "proofs of those that do": lambda: [
                audit_path(self.units[index // UNIT_ENTRIES], index % UNIT_ENTRIES) for index in self.kept
            ],
        }
        return {name: self._microseconds(step) for name, step in steps.items()}

    def _microseconds(self, step: Callable[[], Any]) -> float:
        def work() -> int:
            step()
            return len(self.leaf_inputs)

        return microseconds_an_entry(measure(work))


def microseconds_an_entry(speed: Speed) -> float:
    return 1e6 / speed.per_cpu_second

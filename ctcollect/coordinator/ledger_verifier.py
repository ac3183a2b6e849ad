"""What the ledger says of itself: that each verified range leads to a signed root, and that its counters are right.

It takes less than a tenth of a millisecond a range: the whole of all public logs is less than a minute.
"""

from collections.abc import Iterable, Iterator, Sequence

from ctcollect.errors import CtcollectError
from ctcollect.models import OPEN, VERIFIED, LogRow, TreeHeadRow
from ctcollect.protocol.merkle import Subtree, root_from_span, subtrees_root
from ctcollect.protocol.rfc6962 import SignedTreeHead
from ctcollect.protocol.signatures import verify_tree_head
from ctcollect.ranges import UnitBitmap
from ctcollect.store import Session, verify
from ctcollect.store.verify import StoredRange


class Heads:
    """The stored heads of a log, each checked when it is needed first; ``faults`` has a line for one that fails."""

    def __init__(self, session: Session, log: LogRow) -> None:
        self._session, self._log_id, self._key = session, log.log_id, log.key
        self._roots: dict[int, bytes | None] = {}
        self.faults: list[str] = []

    def roots(self, sizes: Iterable[int]) -> dict[int, bytes]:
        """The signed root of each of these sizes; a size of which there is none is left out."""
        wanted = set(sizes)
        for head in verify.heads(self._session, self._log_id, wanted - self._roots.keys()):
            self._roots[head.tree_size] = self._checked(head)
        return {size: root for size in wanted if (root := self._roots.get(size)) is not None}

    def unchecked(self, at_once: int) -> Iterator[list[int]]:
        """The sizes of which nobody has needed the head yet."""
        sizes = [size for size in verify.head_sizes(self._session, self._log_id) if size not in self._roots]
        for at in range(0, len(sizes), at_once):
            yield sizes[at : at + at_once]

    def _checked(self, head: TreeHeadRow) -> bytes | None:
        root = bytes.fromhex(head.root_hash)
        try:
            verify_tree_head(SignedTreeHead(head.tree_size, head.timestamp_ms, root, head.signature), self._key)
        except CtcollectError as error:
            self.faults.append(f"the head of size {head.tree_size:,}: {error}")
            return None
        return root


def range_faults(session: Session, log: LogRow, heads: Heads) -> Iterator[tuple[int, list[str]]]:
    """(how many ranges were looked at, a line for each that does not agree), some ranges at a time; then the counters.

    All of it is of one moment, so that a collection that goes on does not disturb it.
    """
    done = verified = still_open = 0
    for found in verify.ranges(session, log.log_id):
        proven = [each for each in found if each.state == VERIFIED]
        nodes = verify.nodes(session, log.log_id, proven) if proven else {}
        roots = heads.roots(each.verified_size for each in proven if each.verified_size is not None)
        done += sum(UnitBitmap(each.span, each.units_done).done_entries() for each in found)
        verified += sum(len(each.span) for each in proven)
        still_open += sum(each.state == OPEN for each in found)
        yield len(found), [line for each in proven for line in _of_proof(each, nodes[each.span.start], roots)]
    counters = {"entries_done": done, "entries_verified": verified, "open_ranges": still_open}
    yield 0, list(counter_faults(counters, {name: getattr(log, name) for name in counters}))


def _of_proof(stored: StoredRange, nodes: Sequence[Subtree], roots: dict[int, bytes]) -> Iterator[str]:
    span, size = stored.span, stored.verified_size or 0
    try:
        root = subtrees_root(nodes)
        if span != (0, size):
            root = root_from_span(root, span.start, span.end, size, [bytes.fromhex(each) for each in stored.audit_path])
        if root != roots.get(size):
            yield f"{span} is marked as verified and does not lead to a signed root"
    except (CtcollectError, ValueError) as error:
        yield f"{span} is marked as verified: {error}"


def counter_faults(counted: dict[str, int], told: dict[str, int]) -> Iterator[str]:
    """A line for each counter that does not say what there is."""
    for name, number in counted.items():
        if told[name] != number:
            yield f"the counter {name} says {told[name]:,}, there are {number:,}"

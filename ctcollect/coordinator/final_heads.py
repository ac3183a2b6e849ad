"""The final tree head of a log that takes no more entries: its list gives the size and the root to be reached."""

from ctcollect.catalogue import rule_of
from ctcollect.client import LogReader
from ctcollect.errors import TreeMismatch
from ctcollect.models import LogRow
from ctcollect.protocol.merkle import verify_consistency
from ctcollect.protocol.rfc6962 import SignedTreeHead
from ctcollect.store import utc_now


def check_final_head(reader: LogReader, log: LogRow, head: SignedTreeHead) -> str | None:
    """TreeMismatch unless ``head``, once it has the final size, has the final root or follows from it.

    Returns a line for a head of another size, which is told and yet believed: there is nothing to compare it with.
    """
    size, root = log.final_tree_size, bytes.fromhex(log.final_root_hash or "")
    if size is None:
        needs_one = rule_of(log, utc_now()).needs_final_root
        return "is readonly, but no list tells the final tree head that it must lead to" if needs_one else None
    if head.tree_size < size:
        return f"gave a head of {head.tree_size:,} entries, short of its final {size:,}"
    if head.tree_size == size:
        if head.root_hash != root:
            raise TreeMismatch(f"{log.name} signed another root than that of its final tree head at {size:,} entries")
        return None
    _check_consistency(reader, log, head, size, root)
    return f"gave a head of {head.tree_size:,} entries, though its list says that it ended at {size:,}"


def _check_consistency(reader: LogReader, log: LogRow, head: SignedTreeHead, size: int, root: bytes) -> None:
    try:
        proof = reader.consistency_proof(size, head.tree_size)
        verify_consistency(size, head.tree_size, root, head.root_hash, proof)
    except TreeMismatch:
        raise TreeMismatch(f"{log.name} has grown, and not from its final tree head of {size:,} entries") from None


def collectable_size(log: LogRow) -> int:
    """How far a log is wanted: to the end of its tree, or to its final tree head if that comes first."""
    return log.tree_size if log.final_tree_size is None else min(log.tree_size, log.final_tree_size)

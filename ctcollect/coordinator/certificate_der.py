"""The bytes of a certificate that is stored, taken from the leaf files."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from ctcollect.coordinator import leaf_files
from ctcollect.coordinator.entries import read_entry
from ctcollect.errors import MalformedEntry
from ctcollect.protocol.rfc6962 import parse_extra_data, parse_leaf
from ctcollect.store import Session
from ctcollect.store.certificate_documents import stored_leaves

TRIES_A_FORM = 5


class StoredDer(NamedTuple):
    """``der``: the certificate; or, where only that was seen, the precertificate with its poison extension."""

    der: bytes
    is_final: bool


def certificate_der(session: Session, data_dir: Path, number: int) -> StoredDer | None:
    """The certificate of this id, final rather than precertificate; None when no leaf file here holds it.

    What a file says is only believed when it is this very certificate.
    """
    for leaf_file, index, identity in stored_leaves(session, number, TRIES_A_FORM):
        for leaf_input, extra_data in _entry(data_dir, leaf_file, index):
            try:
                if read_entry(index, leaf_input, extra_data).fields.identity == identity:
                    return _der(leaf_input, extra_data)
            except MalformedEntry:
                continue
    return None


def _entry(data_dir: Path, leaf_file: str, index: int) -> Iterator[tuple[bytes, bytes]]:
    """At most one."""
    try:
        entry = leaf_files.read(data_dir, leaf_file).get(index)
    except MalformedEntry:
        return
    if entry:
        yield entry


def _der(leaf_input: bytes, extra_data: bytes) -> StoredDer:
    leaf = parse_leaf(leaf_input)
    if leaf.certificate is not None:
        return StoredDer(leaf.certificate, is_final=True)
    pre_certificate = parse_extra_data(extra_data, leaf.entry_type).pre_certificate
    if pre_certificate is None:
        raise MalformedEntry("extra_data of a precert entry holds no pre_certificate")
    return StoredDer(pre_certificate, is_final=False)

"""Certificates as the recorder leaves them, with their leaf files, for the pages about certificates."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pybase64
import zstandard

from ctcollect.certificate import CertificateFields
from ctcollect.coordinator.entries import read_entry
from ctcollect.models import SightingRow
from ctcollect.store import Found, Store
from ctcollect.store.certificates import put_certificates
from ctcollect.store.reading import Seen
from tests.webapp.collection import SEEN_AT, log_id

Pair = tuple[bytes, bytes]  # leaf_input and extra_data


def made_fields(number: int, *names: str, **fields: Any) -> CertificateFields:
    """A certificate for ``names``, all of them under .jp, that no entry holds; ``fields`` says more of it."""
    values: dict[str, Any] = dict.fromkeys(CertificateFields.__dataclass_fields__)
    values |= {"serial": f"{number:04x}", "spki_hash": "0" * 64, "tbs_hash": f"{number:064x}", "policy_oids": ()}
    values |= {"sct_list": (), "san_names": names, "names": names, "jp_names": names, "faults": ()}
    return CertificateFields(**values | fields)


def valid(start: datetime, days: int) -> dict[str, datetime]:
    """The dates of a certificate of ``days`` days."""
    return {"not_before": start, "not_after": start + timedelta(days=days, seconds=-1)}


def add_made(store: Store, log: str, *made: CertificateFields, entry_type: str = "precert") -> list[int]:
    """Certificates, seen in ``log`` one after the other, by their ids."""
    return _record(store, log, [Found(n, SEEN_AT, entry_type, fields) for n, fields in enumerate(made)], "no file")


def add_entries(store: Store, data_dir: Path, log: str, pairs: list[Pair]) -> list[int]:
    """Entries of a log with their leaf file, the first one at index 0; the ids of their certificates."""
    path = data_dir / "leaves" / f"{log}.jsonl.zst"
    write_leaf_file(path, pairs)
    return _record(store, log, [read_entry(n, *pair) for n, pair in enumerate(pairs)], path.name)


def write_leaf_file(path: Path, pairs: list[Pair]) -> None:
    """The entries, the first one at index 0."""
    lines = [
        orjson.dumps({"index": n, "leaf_input": _text(leaf), "extra_data": _text(extra)})
        for n, (leaf, extra) in enumerate(pairs)
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(zstandard.compress(b"\n".join(lines)))


def _text(octets: bytes) -> str:
    return pybase64.b64encode_as_string(octets)


def _record(store: Store, log: str, found: list[Found], leaf_file: str) -> list[int]:
    with store.transaction() as session:
        ids, _ = put_certificates(session, [Seen(log_id(log), each) for each in found], SEEN_AT)
        numbers = [ids[each.fields.identity] for each in found]
        for each, number in zip(found, numbers, strict=True):
            sighting = SightingRow(log_id=log_id(log), log_name=log, leaf_index=each.index, certificate_id=number)
            sighting.leaf_timestamp, sighting.entry_type = each.leaf_timestamp, each.entry_type
            sighting.friend, sighting.worker, sighting.leaf_file = "alice", "alice@host", leaf_file
            sighting.collected_at = SEEN_AT
            session.add(sighting)
    return numbers

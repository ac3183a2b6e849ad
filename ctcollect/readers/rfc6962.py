"""A log that is asked by RFC 6962's own messages."""

from collections.abc import Mapping
from typing import Any

import pybase64

from ctcollect.client import Http, check_url
from ctcollect.errors import BadAnswer, MalformedEntry
from ctcollect.protocol.rfc6962 import (
    EntryAndProof,
    GetEntries,
    InclusionProof,
    SignedTreeHead,
    parse_get_entries,
    parse_get_entry_and_proof,
    parse_get_proof_by_hash,
    parse_get_sth,
    parse_get_sth_consistency,
    read_compact,
)
from ctcollect.question import Decode, as_json


class Rfc6962Reader:
    """A log that speaks RFC 6962 (section 4). ``deadline`` (monotonic) bounds every wait for a turn."""

    def __init__(self, url: str, http: Http, deadline: float = float("inf")) -> None:
        check_url(url, http.settings)
        self.base = url.rstrip("/") + "/ct/v1/"
        self.http = http
        self.deadline = deadline

    def _get(self, method: str, decode: Decode = as_json, **params: str | int) -> Any:
        return self.http.get_json(self.base + method, params, self.deadline, decode)

    def tree_head(self) -> SignedTreeHead:
        """4.3 get-sth. The signature is not checked here."""
        return _shaped(parse_get_sth, self._get("get-sth"))

    def entries(self, start: int, end: int) -> GetEntries:
        """4.6 get-entries for [start, end): at least one entry and never more than asked, else BadAnswer."""
        answer: GetEntries = self._get("get-entries", _as_entries, start=start, end=end - 1)
        count = len(answer.leaf_inputs)
        if not 0 < count <= end - start:
            raise BadAnswer(f"{self.base}get-entries: {count} entries for {end - start}")
        return answer

    def inclusion_proof(self, leaf_hash: bytes, tree_size: int) -> InclusionProof:
        """4.5 get-proof-by-hash."""
        text = pybase64.b64encode_as_string(leaf_hash)
        return _shaped(parse_get_proof_by_hash, self._get("get-proof-by-hash", hash=text, tree_size=tree_size))

    def audit_path(self, index: int, leaf_hash: bytes, tree_size: int) -> tuple[bytes, ...]:
        """4.5: the path of the leaf with this hash; BadAnswer when the log finds it elsewhere than at ``index``."""
        proof = self.inclusion_proof(leaf_hash, tree_size)
        if proof.leaf_index != index:
            raise BadAnswer(f"{self.base}get-proof-by-hash: the leaf of {index} is at {proof.leaf_index}")
        return proof.audit_path

    def entry_and_proof(self, index: int, tree_size: int) -> EntryAndProof:
        """4.8 get-entry-and-proof."""
        document = self._get("get-entry-and-proof", leaf_index=index, tree_size=tree_size)
        return _shaped(parse_get_entry_and_proof, document)

    def consistency_proof(self, first_size: int, second_size: int) -> tuple[bytes, ...]:
        """4.4 get-sth-consistency."""
        document = self._get("get-sth-consistency", first=first_size, second=second_size)
        return _shaped(parse_get_sth_consistency, document)


def _as_entries(url: str, body: bytearray, headers: Mapping[str, str]) -> GetEntries:
    """Nearly every log writes its answers in one form, which is read several times as fast as JSON in general."""
    return read_compact(body) or _shaped(parse_get_entries, as_json(url, body, headers))


def _shaped(parse: Any, document: object) -> Any:
    try:
        return parse(document)
    except MalformedEntry as error:
        raise BadAnswer(str(error)) from None

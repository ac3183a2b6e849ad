"""The client messages of RFC 6962 section 4, answered as CTFE (google/certificate-transparency-go) does; and files."""

from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus

import orjson
from pybase64 import b64encode, b64encode_as_string

from ctcollect.errors import MalformedEntry
from ctcollect.local_log import static_ct
from ctcollect.local_log.messages import TEXT, Answer, Refused, Request
from ctcollect.protocol.codec import decode_base64


def respond(request: Request) -> Answer:
    """The honest answer; CTFE's error text with 400 for bad parameters, 404 for what is not there."""
    try:
        return ENDPOINTS[request.endpoint](request)
    except Refused as refusal:
        return refusal_answer(refusal.status, str(refusal))


def endpoint_at(address: str) -> tuple[str, str, str]:
    """(log, endpoint, path) of ``/<log>/ct/v1/<endpoint>`` or ``/<log>/static/<path>``; endpoint "" for no such."""
    name, _, method = address.removeprefix("/").partition("/ct/v1/")
    if method:
        return name, method if method in ENDPOINTS else "", ""
    name, _, path = address.removeprefix("/").partition(f"/{static_ct.PREFIX}")
    return name, static_ct.endpoint_of(path), path


def refusal_answer(status: HTTPStatus, reason: str) -> Answer:
    """The body that CTFE gives with an error: the status in words, then the reason."""
    return Answer(f"{status.phrase}\n{reason}\n".encode(), status, TEXT)


def get_sth(request: Request) -> Answer:
    """4.3: the signed head over all that this front end knows."""
    head = request.log.head(request.tree_size)
    return _json(
        tree_size=head.tree_size,
        timestamp=head.timestamp_ms,
        sha256_root_hash=b64encode_as_string(head.root_hash),
        tree_head_signature=b64encode_as_string(head.signature),
    )


def get_sth_consistency(request: Request) -> Answer:
    """4.4: the proof from ``first`` to ``second``."""
    first, second = _number(request, "first"), _number(request, "second")
    if first > second:
        raise Refused(HTTPStatus.BAD_REQUEST, f"invalid first, second params: {first} {second}")
    _need_tree_size(request, second, "for proof")
    return _json(consistency=_base64_list(request.log.tree.consistency_proof(first, second)))


def get_proof_by_hash(request: Request) -> Answer:
    """4.5: the audit path of the first leaf with this hash; 404 for an unknown hash or a future size."""
    leaf_hash, tree_size = _hash(request), _number(request, "tree_size", at_least=1)
    if tree_size > request.tree_size:
        raise Refused(HTTPStatus.NOT_FOUND, f"log returned tree size: {request.tree_size} but we expected: {tree_size}")
    index = request.log.index_by_hash.get(leaf_hash)
    if index is None or index >= tree_size:
        raise Refused(HTTPStatus.NOT_FOUND, "get-proof-by-hash: no leaf of this tree has this hash")
    return _json(leaf_index=index, audit_path=_base64_list(request.log.tree.audit_path(index, tree_size)))


def get_entries(request: Request) -> Answer:
    """4.6: entries from ``start`` to ``end``, inclusive; fewer at the log's limit or end."""
    start, end = _entries_range(request)
    _need_tree_size(request, start + 1, "to get leaves")
    entries = request.log.entries[start : min(end + 1, request.tree_size)]
    fragments = (
        b'{"leaf_input":"%b","extra_data":"%b"}' % (b64encode(entry.leaf_input), b64encode(entry.extra_data))
        for entry in entries
    )
    return Answer(b'{"entries":[' + b",".join(fragments) + b"]}", entries=len(entries))


def _entries_range(request: Request) -> tuple[int, int]:
    """The inclusive range that is answered. A request for the maximum or more is cut on its next multiple."""
    start, end = _number(request, "start"), _number(request, "end")
    if start > end:
        raise Refused(HTTPStatus.BAD_REQUEST, f"start ({start}) and end ({end}) is not a valid range")
    if end - start + 1 < request.max_entries:
        return start, end
    end = start + request.max_entries - 1
    return start, end - (end + 1) % request.max_entries if request.align else end


def get_roots(request: Request) -> Answer:
    """4.7: the certificates that chains may end in."""
    return _json(certificates=_base64_list(request.log.roots))


def get_entry_and_proof(request: Request) -> Answer:
    """4.8: one entry with its audit path."""
    index, tree_size = _number(request, "leaf_index"), _number(request, "tree_size", at_least=1)
    if index >= tree_size:
        raise Refused(HTTPStatus.BAD_REQUEST, f"leaf_index {index} out of range for tree of size {tree_size}")
    _need_tree_size(request, tree_size, "for proof")
    entry = request.log.entries[index]
    return _json(
        leaf_input=b64encode_as_string(entry.leaf_input),
        extra_data=b64encode_as_string(entry.extra_data),
        audit_path=_base64_list(request.log.tree.audit_path(index, tree_size)),
    )


ENDPOINTS: Mapping[str, Callable[[Request], Answer]] = {
    "get-sth": get_sth,
    "get-sth-consistency": get_sth_consistency,
    "get-proof-by-hash": get_proof_by_hash,
    "get-entries": get_entries,
    "get-roots": get_roots,
    "get-entry-and-proof": get_entry_and_proof,
    **static_ct.ENDPOINTS,
}


def _json(**members: object) -> Answer:
    return Answer(orjson.dumps(members))


def _base64_list(values: Iterable[bytes]) -> list[str]:
    return [b64encode_as_string(value) for value in values]


def _number(request: Request, name: str, at_least: int = 0) -> int:
    """A decimal parameter of at most 63 bits; 400 when it is missing, malformed or too small."""
    text = request.query.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) < 20 and at_least <= int(text) < 2**63):
        raise Refused(HTTPStatus.BAD_REQUEST, f"{request.endpoint}: missing or invalid {name}: {text}")
    return int(text)


def _hash(request: Request) -> bytes:
    try:
        leaf_hash = decode_base64(request.query.get("hash", ""), "hash")
    except MalformedEntry as error:
        raise Refused(HTTPStatus.BAD_REQUEST, f"{request.endpoint}: invalid base64 hash: {error}") from None
    if not leaf_hash:
        raise Refused(HTTPStatus.BAD_REQUEST, f"{request.endpoint}: missing / empty hash param")
    return leaf_hash


def _need_tree_size(request: Request, size: int, purpose: str) -> None:
    if size > request.tree_size:
        raise Refused(HTTPStatus.BAD_REQUEST, f"need tree size: {size} {purpose} but only got: {request.tree_size}")

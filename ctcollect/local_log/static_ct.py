"""A local log as static-ct-api (c2sp.org) serves it: the same entries, tree and heads in files."""

from collections.abc import Callable, Mapping
from http import HTTPStatus

from ctcollect.errors import MalformedEntry
from ctcollect.local_log.log import LocalLog
from ctcollect.local_log.messages import BINARY, CERTIFICATE, TEXT, Answer, Refused, Request
from ctcollect.protocol.static_ct import (
    DATA,
    TILE_LEVELS,
    TILE_WIDTH,
    Tile,
    parse_tile_path,
    tile_leaf,
    tile_width,
    write_checkpoint,
)

# What stands between a log's name and its files; its RFC 6962 methods have "ct/v1/" there.
PREFIX = "static/"


def endpoint_of(path: str) -> str:
    """How faults and statistics call the file at ``path``; "" when a log has no such files."""
    first, _, rest = path.partition("/")
    name = "data-tile" if first == "tile" and rest.startswith("data/") else first
    return name if name in ENDPOINTS else ""


def checkpoint(request: Request) -> Answer:
    """The signed head over all that this front end knows."""
    head = request.log.head(request.tree_size)
    return Answer(write_checkpoint(request.origin, head, request.log.log_id), content_type=TEXT)


def hash_tile(request: Request) -> Answer:
    """A tile of hashes."""
    return Answer(hash_tile_bytes(request.log, _tile(request)), content_type=BINARY)


def data_tile(request: Request) -> Answer:
    """A tile of entries."""
    tile = _tile(request)
    return Answer(data_tile_bytes(request.log, tile), content_type=BINARY, entries=tile.width)


def issuer(request: Request) -> Answer:
    """An issuer's certificate, by its SHA-256."""
    certificate = request.log.issuers.get(request.path.partition("/")[2])
    if certificate is None:
        raise Refused(HTTPStatus.NOT_FOUND, "no such issuer")
    return Answer(certificate, content_type=CERTIFICATE)


def hash_tile_bytes(log: LocalLog, tile: Tile) -> bytes:
    """The hashes of a tile that the log's tree holds."""
    level = TILE_LEVELS * int(tile.level)
    first = tile.number * TILE_WIDTH
    return b"".join(log.tree.node(level, index) for index in range(first, first + tile.width))


def data_tile_bytes(log: LocalLog, tile: Tile) -> bytes:
    """The entries of a tile that the log holds."""
    first = tile.number * TILE_WIDTH
    entries = log.entries[first : first + tile.width]
    return b"".join(tile_leaf(entry.leaf_input, entry.extra_data).encode() for entry in entries)


def _tile(request: Request) -> Tile:
    """What is asked for; 404 for what is not there, as a partial tile is not once the whole one is."""
    try:
        tile = parse_tile_path(request.path)
    except MalformedEntry as error:
        raise Refused(HTTPStatus.NOT_FOUND, str(error)) from None
    level = 0 if tile.level == DATA else int(tile.level)
    width = tile_width(level, tile.number, request.tree_size) if level < TILE_LEVELS else 0
    if tile.width > width or tile.width < width == TILE_WIDTH:
        raise Refused(HTTPStatus.NOT_FOUND, "no such tile")
    return tile


ENDPOINTS: Mapping[str, Callable[[Request], Answer]] = {
    "checkpoint": checkpoint,
    "tile": hash_tile,
    "data-tile": data_tile,
    "issuer": issuer,
}

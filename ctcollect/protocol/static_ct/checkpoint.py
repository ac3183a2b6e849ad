"""The checkpoint: a log's signed tree head as a signed note (c2sp.org/tlog-checkpoint, signed-note)."""

from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import urlsplit

from pybase64 import b64encode_as_string

from ctcollect.errors import MalformedEntry
from ctcollect.protocol.codec import Reader, decode_base64
from ctcollect.protocol.rfc6962 import SignedTreeHead

# c2sp.org/static-ct-api: the signature type of RFC6962NoteSignature.
SIGNATURE_TYPE = b"\x05"
KEY_ID_BYTES = 4
MAX_BYTES = 2**20
MAX_SIZE_DIGITS = 20
DASH = "\N{EM DASH}"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A log's head and the ``origin`` in whose name it is signed. The signature is not verified here."""

    origin: str
    head: SignedTreeHead


def origin_of(submission_url: str) -> str:
    """The origin line of a log: its submission prefix without scheme and without slash at the end."""
    parts = urlsplit(submission_url)
    return (parts.netloc + parts.path).rstrip("/")


def key_id(origin: str, log_id: bytes) -> bytes:
    """The four bytes that tell which key has made a signature line."""
    return sha256(origin.encode() + b"\n" + SIGNATURE_TYPE + log_id).digest()[:KEY_ID_BYTES]


# <origin>                       \
# <tree size, decimal>            | the text that is signed, each line with its end
# <root hash, base64>             |
# [extension lines]              /
#                                  an empty line
# U+2014 <name> base64(uint8 key_id[4] || signature)          one line a signature
def parse_checkpoint(note: bytes, log_id: bytes) -> Checkpoint:
    """The head that the log with this id (32 bytes) has signed; lines that others have signed are passed over.

    MalformedEntry when it is no checkpoint, or when no line of it is the log's.
    """
    text, signatures = _split(note)
    lines = text.split("\n")
    if len(lines) < 3 or not lines[0]:
        raise MalformedEntry("checkpoint: origin, size and root wanted in three lines")
    origin, size, root_hash = lines[0], _size(lines[1]), decode_base64(lines[2], "checkpoint: root")
    timestamp_ms, signature = _signature(signatures, origin, log_id)
    return Checkpoint(origin, SignedTreeHead(size, timestamp_ms, root_hash, signature))


def _split(note: bytes) -> tuple[str, list[str]]:
    if len(note) > MAX_BYTES:
        raise MalformedEntry(f"checkpoint: {len(note)} bytes, at most {MAX_BYTES} are read")
    try:
        text, separator, signatures = bytes(note).decode("utf-8").partition("\n\n")
    except UnicodeDecodeError:
        raise MalformedEntry("checkpoint: not UTF-8") from None
    if not separator or not signatures.endswith("\n"):
        raise MalformedEntry("checkpoint: not a signed note")
    return text, signatures[:-1].split("\n")


def _size(text: str) -> int:
    is_number = text.isascii() and text.isdigit() and len(text) <= MAX_SIZE_DIGITS
    if not is_number or (text[0] == "0" and text != "0"):
        raise MalformedEntry(f"checkpoint: {text[:40]!r} is no tree size")
    return int(text)


# struct {
#     uint64 timestamp;
#     TreeHeadSignature signature;   /* the DigitallySigned of RFC 6962 section 3.5 */
# } RFC6962NoteSignature;
def _signature(lines: list[str], origin: str, log_id: bytes) -> tuple[int, bytes]:
    """Timestamp (ms) and signature of the line whose name is the origin and whose key is the log's."""
    wanted = key_id(origin, log_id)
    for line in lines:
        dash, _, rest = line.partition(" ")
        name, _, encoded = rest.rpartition(" ")
        if dash != DASH or not name:
            raise MalformedEntry(f"checkpoint: {line[:40]!r} is no signature line")
        if name == origin and (signed := decode_base64(encoded, "checkpoint: signature")).startswith(wanted):
            reader = Reader(signed[KEY_ID_BYTES:], "checkpoint: signature")
            return reader.u64(), reader.take(reader.remaining)
    raise MalformedEntry(f"checkpoint of {origin[:100]!r}: no signature by the log's own key")


def write_checkpoint(origin: str, head: SignedTreeHead, log_id: bytes) -> bytes:
    """The note that a log publishes for a signed head."""
    signed = key_id(origin, log_id) + head.timestamp_ms.to_bytes(8, "big") + head.signature
    root = b64encode_as_string(head.root_hash)
    return f"{origin}\n{head.tree_size}\n{root}\n\n{DASH} {origin} {b64encode_as_string(signed)}\n".encode()

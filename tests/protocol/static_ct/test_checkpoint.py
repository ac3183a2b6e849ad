"""Checkpoints: what a log signs is read, and nothing else."""

import pytest
from pybase64 import b64encode_as_string

from ctcollect.errors import BadSignature, MalformedEntry
from ctcollect.local_log import LocalLog
from ctcollect.protocol.signatures import verify_tree_head
from ctcollect.protocol.static_ct import origin_of, parse_checkpoint, write_checkpoint

LOG = LocalLog.generate("demo", 40, seed=3)
ORIGIN = "log.example.jp/2026h1"
NOTE = write_checkpoint(ORIGIN, LOG.head(), LOG.log_id)
LINES = NOTE.decode().split("\n")


def test_a_checkpoint_is_the_signed_head() -> None:
    """The head of get-sth and that of the checkpoint are one, and one verifier serves both."""
    checkpoint = parse_checkpoint(NOTE, LOG.log_id)
    assert (checkpoint.origin, checkpoint.head) == (ORIGIN, LOG.head())
    verify_tree_head(checkpoint.head, LOG.key_der)


def test_the_form_of_a_note() -> None:
    """Origin, size, root, an empty line, then a dash, the origin and the signature (c2sp.org/signed-note)."""
    assert LINES[:4] == [ORIGIN, "40", b64encode_as_string(LOG.head().root_hash), ""]
    assert LINES[4].startswith(f"\N{EM DASH} {ORIGIN} ")
    assert LINES[5:] == [""]


def test_origins() -> None:
    """The submission prefix without its scheme and without the slash at its end."""
    assert origin_of("https://sycamore.ct.example.org/2024h2/") == "sycamore.ct.example.org/2024h2"
    assert origin_of("https://ct.example.org:8443/") == "ct.example.org:8443"


def test_lines_of_other_keys_are_passed_over() -> None:
    """Witnesses sign too, under names of their own or with another key under the log's name; extensions may follow."""
    witness = f"\N{EM DASH} witness.example.org {b64encode_as_string(b'abcd' * 20)}"
    other_key = f"\N{EM DASH} {ORIGIN} {b64encode_as_string(b'abcd' * 20)}"
    lines = [*LINES[:3], "an extension", "", witness, other_key, LINES[4], witness, ""]
    assert parse_checkpoint("\n".join(lines).encode(), LOG.log_id).head == LOG.head()


@pytest.mark.parametrize(
    "note",
    [
        b"",
        b"<html></html>\n",
        NOTE[:-1],
        NOTE.replace(b"40\n", b"040\n"),
        NOTE.replace(b"40\n", b"-40\n"),
        NOTE.replace(b"40\n", b"9" * 30 + b"\n"),
        NOTE.replace(LINES[2].encode(), b"AAAA"),
        NOTE.replace(LINES[2].encode(), b"not base64"),
        NOTE.replace(ORIGIN.encode(), b"other.example.jp", 1),
        NOTE.replace("\N{EM DASH}".encode(), b"-"),
        NOTE.replace(b"\n\n", b"\n"),
        NOTE + b"\xff\n",
        b"\n".join([*NOTE.split(b"\n")[:4], b""]),
        NOTE + b"x" * 2**20 + b"\n",
    ],
)
def test_what_is_no_checkpoint(note: bytes) -> None:
    """Whatever else a host may serve there is malformed, in one line."""
    with pytest.raises(MalformedEntry, match=r"^(checkpoint|tree head).*$"):
        parse_checkpoint(note, LOG.log_id)


def test_another_key_and_another_size() -> None:
    """A note of another log is not the log's; one whose size was changed has no good signature."""
    with pytest.raises(MalformedEntry, match="no signature by the log's own key"):
        parse_checkpoint(NOTE, bytes(32))
    with pytest.raises(BadSignature):
        verify_tree_head(parse_checkpoint(NOTE.replace(b"40\n", b"41\n"), LOG.log_id).head, LOG.key_der)

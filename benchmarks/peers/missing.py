"""A peer that can't be measured."""

from pathlib import Path

LONGEST_WORD = 160


class PeerMissing(Exception):
    """It is not on this machine, or does not work; the text is for a table."""


def last_words(file: Path) -> str:
    """The last line that a program has printed, for a table."""
    lines = [line.strip() for line in file.read_text(errors="replace").splitlines() if line.strip()]
    return lines[-1][:LONGEST_WORD].replace("|", "/") if lines else "it says nothing"

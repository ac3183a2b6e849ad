"""The readers of a certificate in their order, and what they refused."""

from collections.abc import Callable, Iterator
from typing import TypeVar

from ctcollect.certificate.lenient import LenientReader
from ctcollect.certificate.strict import OpenSSLReader, StrictReader
from ctcollect.certificate.tbs import TbsCertificate
from ctcollect.errors import MalformedEntry

T = TypeVar("T")

MAX_REASON_CHARACTERS = 200


class Readers:
    """Puts each question to the strictest reader first and to the next when one refuses.

    ``faults`` gathers ``field: reason`` for every field that the first reader refused, whether another
    could read it or none; ``certificate: reason`` for a reader that refused the whole. Libraries warn of what they
    still tolerate: whoever asks lets no warnings through.
    """

    ORDER: tuple[type[LenientReader], ...] = (StrictReader, OpenSSLReader, LenientReader)

    def __init__(self, tbs: TbsCertificate) -> None:
        self.faults: list[str] = []
        self._tbs = tbs
        self._opened: dict[type[LenientReader], LenientReader | None] = {}

    def ask(self, field: str, question: Callable[[LenientReader], T]) -> T | None:
        """The first answer to ``question``; None when every reader refuses."""
        first_refusal: Exception | None = None
        for reader in self._readers():
            try:
                answer = question(reader)
            except Exception as refusal:  # a library may raise anything on such bytes: it stays with this field
                first_refusal = first_refusal or refusal
            else:
                self._note(field, first_refusal)
                return answer
        self._note(field, first_refusal)
        return None

    def attempt(self, field: str, read: Callable[[], T]) -> T | None:
        """What ``read`` gives, None when it raises MalformedEntry: for a field that has one reader only."""
        try:
            return read()
        except MalformedEntry as damage:
            self._note(field, damage)
            return None

    def _readers(self) -> Iterator[LenientReader]:
        for kind in self.ORDER:
            if kind not in self._opened:
                self._opened[kind] = self._open(kind)
            if reader := self._opened[kind]:
                yield reader

    def _open(self, kind: type[LenientReader]) -> LenientReader | None:
        try:
            return kind(self._tbs)
        except Exception as refusal:
            self._note("certificate", refusal)
            return None

    def _note(self, field: str, refusal: Exception | None) -> None:
        if refusal is not None:
            reason = " ".join(str(refusal).split())[:MAX_REASON_CHARACTERS]
            self.faults.append(f"{field}: {reason or type(refusal).__name__}")

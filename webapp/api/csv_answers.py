"""Lists as CSV (RFC 4180), sent part by part while they are read."""

import csv
import errno
import io
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, current_app

from ctcollect.errors import StoreUnavailable
from webapp.api.pages import Page
from webapp.api.parameters import Parameter
from webapp.encoding import IsoJsonProvider
from webapp.figures import shared_texts

# A cell that begins with one of these is a formula to a spreadsheet, in full width to a Japanese one.
FORMULA_SIGNS = tuple("=+-@\t\r\n＝＋－＠")


@dataclass(frozen=True, slots=True)
class Part:
    """Lines of a file, and where the next part begins; None behind the last one."""

    lines: str
    next: str | None


@dataclass(frozen=True, slots=True)
class Table:
    """The file ``name``.csv of ``view``, which gives its rows page by page. A part is kept for ``seconds``."""

    name: str
    columns: Sequence[str]
    view: Callable[..., Page]
    paging: tuple[Parameter, Parameter] | tuple[()]
    seconds: float

    def answer(self, values: dict[str, Any]) -> Response:
        """All that ``view`` gives for these values. The first part is made now: its faults can still be told."""
        app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
        first = self._part(app, values, None)

        def lines() -> Iterator[str]:
            part = first
            yield csv_lines([self.columns])
            while True:
                yield part.lines
                if part.next is None:
                    return
                part = self._later_part(app, values, part.next)

        response = Response(lines(), mimetype="text/csv")
        response.headers["Content-Disposition"] = f'attachment; filename="{self.name}.csv"'
        return response

    def _part(self, app: Flask, values: dict[str, Any], after: str | None) -> Part:
        def make() -> Part:
            with app.app_context():
                page = self.view(**values, **self._place(after))
            lines = csv_lines([[cell(row[column]) for column in self.columns] for row in page.rows])
            return Part(lines, page.next if self.paging else None)

        return shared_texts(app).get((self.name, repr(values), after), make, self.seconds)

    def _place(self, after: str | None) -> dict[str, Any]:
        if not self.paging:
            return {}
        size, start = self.paging
        return {"limit": size.schema["maximum"], "after": after if after is None else start.value(after)}

    def _later_part(self, app: Flask, values: dict[str, Any], after: str) -> Part:
        """When the database is away the connection is cut: a file that just ended would look whole."""
        try:
            return self._part(app, values, after)
        except StoreUnavailable as error:
            app.logger.warning("%s", error)
            raise BrokenPipeError(errno.EPIPE, "the answer cannot be completed") from None


def csv_lines(rows: Sequence[Sequence[str]]) -> str:
    """The rows, each ended by CR LF."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue()


def cell(value: Any) -> str:
    """A value as text: nothing for None, lists as JSON, times as in JSON; no formula, for names come from strangers."""
    if value is None:
        return ""
    if type(value) is int:
        return str(value)
    if not isinstance(value, str):
        return json.dumps(value, default=IsoJsonProvider.default, ensure_ascii=False).strip('"')
    return f"'{value}" if value.startswith(FORMULA_SIGNS) else value

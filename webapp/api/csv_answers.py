"""Lists as CSV (RFC 4180), sent while they are read."""

import csv
import errno
import io
import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from flask import Flask, Response, current_app

from ctcollect.errors import StoreUnavailable
from webapp.api.pages import Page
from webapp.api.parameters import Parameter
from webapp.encoding import IsoJsonProvider

# A cell that begins with one of these is a formula to a spreadsheet, in full width to a Japanese one.
FORMULA_SIGNS = tuple("=+-@\t\r\n＝＋－＠")


def csv_answer(
    name: str,
    columns: Sequence[str],
    view: Callable[..., Page],
    values: dict[str, Any],
    paging: tuple[Parameter, Parameter] | tuple[()],
) -> Response:
    """All pages of ``view(**values)`` as the file ``name``.csv. The first is read now: its faults can still be told."""
    size = {"limit": paging[0].schema["maximum"]} if paging else {}
    first = view(**values, **size, **({"after": None} if paging else {}))
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]

    def lines() -> Iterator[str]:
        page = first
        yield csv_lines([columns])
        while True:
            yield csv_lines([[cell(row[column]) for column in columns] for row in page.rows])
            if page.next is None or not paging:
                return
            page = _following(app, view, values | size | {"after": paging[1].value(page.next)})

    response = Response(lines(), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def _following(app: Flask, view: Callable[..., Page], values: dict[str, Any]) -> Page:
    """A later page. When the database is away the connection is cut: a file that just ended would look whole."""
    try:
        with app.app_context():
            return view(**values)
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
    if not isinstance(value, str):
        return json.dumps(value, default=IsoJsonProvider.default, ensure_ascii=False).strip('"')
    return f"'{value}" if value.startswith(FORMULA_SIGNS) else value

"""Translated sentences from a gettext .po file: what the pages and the report speak Japanese with."""

import gettext
from functools import cache
from io import BytesIO
from pathlib import Path

import polib


@cache
def sentences(po_file: Path) -> gettext.NullTranslations:
    """Those of the file, read once; where there is no such file every sentence stays as it is."""
    if not po_file.is_file():
        return gettext.NullTranslations()
    return gettext.GNUTranslations(BytesIO(polib.pofile(po_file.read_text(encoding="utf-8")).to_binary()))

"""docs/tables.md is the contract for people who query the database: it must not rot."""

import re
from pathlib import Path

from ctcollect.models import Base

PAGE = Path(__file__).parents[1] / "docs" / "tables.md"


def test_the_page_names_every_table_with_exactly_its_columns() -> None:
    """Each table has a section that lists its columns in order, the primary key in bold."""
    sections = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", PAGE.read_text("utf-8"), re.S | re.M))
    for table in Base.metadata.tables.values():
        listing = sections[table.name].strip().split("\n\n")[-1]
        expected = [f"**`{c.name}`**" if c.primary_key else f"`{c.name}`" for c in table.columns]
        assert re.split(r",\s+", listing.strip()) == expected, table.name

"""The page: one HTML file with its style and pictures in it, no script, no address beyond its own folder."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from ctcollect.domains import jp_suffixes_sha256
from ctcollect.report.cited_rules import cited
from ctcollect.report.exhibit import Exhibit, Source
from ctcollect.report.exhibits.all import Chapter
from ctcollect.report.headlines import headlines
from ctcollect.report.labels import flag_label, season_label, unit_label
from ctcollect.report.limits import limits
from ctcollect.report.numbers import NOTHING, count
from ctcollect.report.recommendations import advice, rules_sha256
from ctcollect.report.recommendations import rules as advice_rules

MOST_ROWS_SHOWN = 120


@dataclass(frozen=True, slots=True)
class Shown:
    """An exhibit with what the page needs beside it; ``svg`` is None of a table."""

    exhibit: Exhibit
    signature: str
    folder: str
    svg: bytes | None

    @property
    def image(self) -> Markup | None:
        """A data: address."""
        return Markup("data:image/svg+xml;base64,") + b64encode(self.svg).decode() if self.svg else None


def signature(exhibit: Exhibit, source: Source) -> str:
    """What every exhibit says of itself: n, coverage, time zone, date of the data."""
    say = source.say
    return say(
        "n = {n} {unit} · coverage: {coverage} · time zone: Asia/Tokyo · data of {date}",
        n=count(exhibit.n),
        unit=unit_label(exhibit.unit, say),
        coverage=flag_label(exhibit.coverage, say),
        date=source.facts.data_date if source.facts.data_as_of else NOTHING,
    )


def render(source: Source, title: str, chapters: Sequence[tuple[Chapter, Sequence[Shown]]], version: str) -> str:
    """The whole page."""
    environment = Environment(
        loader=PackageLoader("ctcollect.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals["_"] = source.say
    return environment.get_template("report.html").render(
        language=source.say.code,
        title=title,
        version=version,
        chapters=chapters,
        most_rows=MOST_ROWS_SHOWN,
        headlines=headlines(source),
        advice=advice(source),
        limits=limits(source),
        advice_rules=advice_rules(),
        advice_sha256=rules_sha256(),
        suffixes_sha256=jp_suffixes_sha256(),
        **_of_the_data(source),
    )


def _of_the_data(source: Source) -> dict[str, Any]:
    facts, say = source.facts, source.say
    return {
        "facts": facts,
        "rules": source.rules,
        "cited_rules": cited(source.rules),
        "seasons": ", ".join(season_label(str(each), say) for each in facts.choice.seasons) or say("all times"),
        "logs": ", ".join(facts.choice.logs) or say("all"),
        "count": count,
    }

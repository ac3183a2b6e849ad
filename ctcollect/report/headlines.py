"""The answers in a few sentences, each with its interval and the figure that it rests on, or why there is none."""

from collections.abc import Callable
from typing import NamedTuple

from ctcollect.analysis.groups import ALL
from ctcollect.report.estimates import EstimateRow, estimate_row
from ctcollect.report.exhibit import Source, shows_intervals, why_nothing
from ctcollect.report.labels import season_label
from ctcollect.report.numbers import NOTHING, between, count, share

Sentence = Callable[[dict[str, str]], str]


class Headline(NamedTuple):
    text: str
    exhibit: str


def headlines(source: Source) -> list[Headline]:
    """Late renewals, who renews, what the calendar says, what 47 days mean."""
    say = source.say
    return [
        _of_estimate(
            source,
            "late",
            "T4",
            say("late renewals"),
            lambda figures: say(
                "{value} of the expiries at risk were renewed late, within 30 days ({low} to {high}; {numerator} of "
                "{denominator}).",
                **figures,
            ),
        ),
        _of_estimate(
            source,
            "classified_automated",
            "T6",
            say("automation"),
            lambda figures: say(
                "{value} of the name sets that could be classified are renewed by machine ({low} to {high}; "
                "{numerator} of {denominator}).",
                **figures,
            ),
        ),
        _by_calendar(source),
        _of_estimate(
            source,
            "manual_over_47",
            "T8",
            say("the 47-day rule"),
            lambda figures: say(
                "{value} of the classified name sets that last over 47 days are renewed by hand ({low} to {high}; "
                "{numerator} of {denominator}).",
                **figures,
            ),
        ),
    ]


def _of_estimate(source: Source, measure: str, exhibit: str, of_what: str, sentence: Sentence) -> Headline:
    row = estimate_row(source, measure, ALL)
    if row.value is None or not shows_intervals(source):
        return Headline(_too_few(source, of_what) if row.hidden else why_nothing(source, of_what), exhibit)
    return Headline(sentence(_figures(row)), exhibit)


def _too_few(source: Source, of_what: str) -> str:
    return source.say(
        "Nothing is said of {what}: fewer than {least} registered domains. lineages.csv has each name set.",
        what=of_what,
        least=source.rules.statistics.min_domains,
    )


def _figures(row: EstimateRow) -> dict[str, str]:
    shares = {"value": share(row.value), "low": share(row.low), "high": share(row.high)}
    return {**shares, "numerator": count(row.numerator), "denominator": count(row.denominator)}


def _by_calendar(source: Source) -> Headline:
    """M9 of the newest season, or of all times."""
    say = source.say
    season = source.aggregates.newest_season()
    shares = source.aggregates.automated_shares(ALL, season)
    of_what = say("the share of machines")
    if not shares:
        return Headline(why_nothing(source, of_what), "F8")
    if shares[0].hidden:
        return Headline(_too_few(source, of_what), "F8")
    values, middle = sorted(each.value for each in shares), shares[len(shares) // 2]
    text = say(
        "By the calendar alone machines issue {low} to {high} of the events of {season} (people on {least} to {most} "
        "of non-business days; with {middle} the interval of 95% is {interval}; {n} events).",
        low=share(values[0]),
        high=share(values[-1]),
        season=season_label(season, say),
        least=share(min(each.human_share for each in shares)),
        most=share(max(each.human_share for each in shares)),
        middle=share(middle.human_share),
        interval=between(middle.interval, "share") or NOTHING,
        n=count(shares[0].n),
    )
    return Headline(text, "F8")

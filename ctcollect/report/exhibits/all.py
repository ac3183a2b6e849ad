"""Every exhibit, in the order of the page."""

from collections.abc import Sequence
from typing import NamedTuple

from ctcollect.report.exhibit import Maker
from ctcollect.report.exhibits import (
    calendar,
    capture,
    classes,
    coverage,
    dataset,
    days,
    exposure,
    gaps,
    holidays,
    indexes,
    intervals,
    known_groups,
    naive,
    providers,
    returns,
    standardised,
    switches,
)
from ctcollect.report.language import Language


class Chapter(NamedTuple):
    id: str
    title: str
    makers: Sequence[Maker]


def chapters(say: Language) -> list[Chapter]:
    """The page's chapters, each with what it shows."""
    return [
        Chapter("naive", say("The trap"), [naive.naive_figure]),
        Chapter(
            "collected",
            say("What was collected, and what was not"),
            [coverage.coverage_table, coverage.coverage_figure, capture.capture_table, capture.log_pair_table],
        ),
        Chapter(
            "dataset",
            say("The certificates"),
            [dataset.dataset_table, dataset.refused_table, dataset.validity_figure, dataset.short_validity_table],
        ),
        Chapter(
            "renewals",
            say("Renewals"),
            [intervals.interval_table, intervals.interval_figure, intervals.elapsed_figure],
        ),
        Chapter(
            "late",
            say("On time or late"),
            [
                gaps.gap_table,
                gaps.survival_figure,
                returns.return_table,
                holidays.holiday_table,
                holidays.new_year_figure,
            ],
        ),
        Chapter(
            "days",
            say("Days and hours"),
            [calendar.calendar_table, days.season_figure, calendar.automated_share_figure, days.hour_figure],
        ),
        Chapter(
            "classes",
            say("By machine or by hand"),
            [
                classes.class_table,
                indexes.index_figure,
                indexes.dispersion_figure,
                classes.ca_table,
                standardised.standardised_table,
                switches.switch_table,
            ],
        ),
        Chapter("exposure", say("The 47-day rule"), [exposure.exposure_table, exposure.load_figure]),
        Chapter("checks", say("How far the answers hold"), [providers.provider_table, known_groups.known_group_table]),
    ]

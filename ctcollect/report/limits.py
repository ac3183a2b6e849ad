"""What the figures cannot tell: the page that must be read with them."""

from typing import NamedTuple

from ctcollect.report.exhibit import Source


class Limit(NamedTuple):
    head: str
    text: str


def limits(source: Source) -> list[Limit]:
    """In the order of their weight."""
    return [*_of_the_collection(source), *_of_the_method(source)]


def _of_the_collection(source: Source) -> list[Limit]:
    say = source.say
    return [
        Limit(
            say("Seasons cannot measure intervals"),
            say(
                "A season of 62 days shows no interval between 62 and about 303 days. Names renewed by machine each 60 "
                "days, seen only in five seasons, look like a late annual person: 96.5% of the pairs of certificates "
                "lie in two seasons. Take intervals and gaps from whole shards, and the calendar's estimate from "
                "seasons."
            ),
        ),
        Limit(
            say("Shards are cut by the last day, not by the day of issue"),
            say(
                "What lasts 397 days and was issued in December 2025 or January 2026 lies in the shard of 2027. Where "
                "it was not collected, that validity is missing in the season; figure F1 shows the hole."
            ),
        ),
        Limit(
            say("One log does not hold every certificate"),
            say(
                "A missing record looks like a gap. With 95% of the records 4.9% of the pairs look like gaps, with "
                "80% 19.4%; the test for missing records removes nearly all of them. Read table T1b next to table T4."
            ),
        ),
        Limit(
            say("What was issued before 15 March 2026 shows the time before the shorter validities"),
            say(
                "Until then 398 days were allowed, and such certificates are valid up to April 2027. What the limits "
                "of 200, 100 and 47 days change can be seen only in what was issued later."
            ),
        ),
        Limit(
            say("No answer for a whole year from a season"),
            say("In Japan much ends in March. A share of December and January is not that of the year."),
        ),
    ]


def _of_the_method(source: Source) -> list[Limit]:
    say = source.say
    return [
        Limit(
            say("An interval's regularity does not tell people from machines"),
            say(
                "A person who renews by the year 5 to 35 days early is as regular as cron. Therefore the spread of the "
                "lead time and office hours decide. Automated means scheduled: fixed duty looks like a machine, and a "
                "job that runs in office hours like a person."
            ),
        ),
        Limit(
            say("The calendar's estimate takes machines to be spread evenly over the days"),
            say(
                "Jobs that run on weekdays only make it too small, and the share of people on non-business days is "
                "assumed, not measured: three values are shown."
            ),
        ),
        Limit(
            say("The logs show issuance, not use"),
            say(
                "Whether a server uses a certificate, or moved to a private CA, cannot be seen: a gap is no outage. "
                "The parameters are starting values; the classes have not been held against known truth in Japan."
            ),
        ),
        Limit(
            say("Small groups are hidden"),
            say(
                "Cells of fewer than {least} registered domains show their number only. Intervals of 95% are drawn by "
                "registered domain ({samples} samples), because certificates of one domain are alike.",
                least=source.rules.statistics.min_domains,
                samples=source.rules.statistics.bootstrap_samples,
            ),
        ),
    ]

"""Which entry of a scenario stands in which of four logs, and when it came there.

The first two logs hold all that was issued from December 2019 on: a precertificate in each and, days later, the final
certificate in one. The other two hold one season each, so that what was issued before is seen through windows only.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from operator import itemgetter
from typing import NamedTuple

from ctcollect.local_log.certificates import SctSigner
from ctcollect.local_log.entries import Batch, Entry, Truth
from ctcollect.local_log.scenarios.scenarios import scenarios
from ctcollect.local_log.scenarios.views import SEASONS_ONLY
from ctcollect.local_log.scenarios.writing import Issued, ScenarioWriter
from ctcollect.seasons import Period, season

LOGS = 4
WHOLE_LOGS = (0, 1)
BETWEEN_LOGS = timedelta(milliseconds=1_300)
# A final certificate that anybody submits comes so much later; in a season's log still within the season.
LATE_STEP, LATE_STEPS = timedelta(hours=31), 7
LATE_IN_SEASON = timedelta(hours=1)
# Browsers want that many: of a season's certificates the other one is by a log that nobody collects.
MIN_SCTS = 2


class Content(NamedTuple):
    """What one log holds of the scenarios. ``season``: the only time that it is about, None for all times."""

    batch: Batch
    season: Period | None


def log_contents(seed: int, signers: Sequence[SctSigner]) -> list[Content]:
    """What four logs hold of the scenarios; ``signers`` are these logs, in order. ``seed`` decides keys and serials."""
    writer = ScenarioWriter(seed)
    placed: list[list[tuple[datetime, Entry, Truth]]] = [[] for _ in range(LOGS)]
    for issued in writer.issue(scenarios()):
        for place, moment, entry, truth in _entries(writer, issued, signers):
            placed[place].append((moment, entry, truth))
    seasons = [None] * len(WHOLE_LOGS) + [season(year) for year in SEASONS_ONLY]
    return [
        Content(Batch([pair[1:] for pair in sorted(each, key=itemgetter(0))], writer.roots), period)
        for each, period in zip(placed, seasons, strict=True)
    ]


def entry_counts() -> list[int]:
    """How many entries of the scenarios each of the four logs holds."""
    counts = [0] * LOGS
    planned = [each for scenario in scenarios() for each in scenario.planned]
    for number, each in enumerate(planned):
        places = _places(each.issued)
        for place in (*places, _place_of_final(places, number)):
            counts[place] += 1
    return counts


def _entries(
    writer: ScenarioWriter, issued: Issued, signers: Sequence[SctSigner]
) -> Iterator[tuple[int, datetime, Entry, Truth]]:
    """(log, time, entry, truth): the precertificate in its logs, the final certificate in the first or the last."""
    places = _places(issued.planned.issued)
    times = [issued.planned.issued + number * BETWEEN_LOGS for number in range(len(places))]
    for place, moment in zip(places, times, strict=True):
        yield place, moment, *writer.precert(issued, moment)
    late = LATE_STEP * (1 + issued.number % LATE_STEPS) if places == WHOLE_LOGS else LATE_IN_SEASON
    promised = [(signers[place], moment) for place, moment in zip(places, times, strict=True)]
    if len(promised) < MIN_SCTS:
        promised.append((writer.other_log, issued.planned.issued))
    moment = issued.planned.issued + late
    yield _place_of_final(places, issued.number), moment, *writer.final(issued, moment, promised)


def _places(moment: datetime) -> tuple[int, ...]:
    for number, year in enumerate(SEASONS_ONLY, start=len(WHOLE_LOGS)):
        if season(year).start <= moment < season(year).end:
            return (number,)
    return WHOLE_LOGS


def _place_of_final(places: Sequence[int], number: int) -> int:
    return places[number % len(places)]

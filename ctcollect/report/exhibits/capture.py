"""T1b and T1c: which share of what was issued the collected logs hold; a record that is missing looks like a gap."""

from collections import Counter

from ctcollect.analysis.confidence import wilson
from ctcollect.report.exhibit import Cell, Exhibit, Grid, Source
from ctcollect.report.numbers import between, count, share


def capture_table(source: Source) -> Exhibit:
    """T1b: the capture share, by CA and month."""
    found = source.aggregates.capture.shares(source.rules.statistics)
    say = source.say
    totals: Counter[str] = Counter()
    captured: Counter[str] = Counter()
    for each in found:
        totals[each.owner] += each.n
        captured[each.owner] += each.captured
    head = [say("CA"), say("certificates with known SCTs"), say("in a collected log"), say("share")]
    return Exhibit(
        id="T1b",
        name="capture",
        title=say("How much of what was issued the collected logs hold"),
        columns=("owner", "month", "n", "captured", "share", "low", "high"),
        rows=[(each.owner, each.month, each.n, each.captured, each.share, *each.interval) for each in found],
        n=totals.total(),
        unit="certificates",
        coverage=source.aggregates.coverage.flag(),
        says=[
            say(
                "Of final certificates whose SCTs are known, the share that names a log of which something was "
                "verified; the CSV has it by month. Only certificates that were seen can be asked: the truth is at "
                "most this. A record that is missing looks like a late renewal."
            )
        ],
        missing="" if found else say("Nothing can be said: no final certificate with SCTs was seen."),
        grid=Grid(head, [_capture_cells(source, owner, captured[owner], n) for owner, n in sorted(totals.items())]),
    )


def _capture_cells(source: Source, owner: str, captured: int, n: int) -> list[Cell]:
    interval = wilson(captured, n, source.rules.statistics.confidence)
    return [Cell(owner), Cell(count(n)), Cell(count(captured)), Cell(share(captured / n), [between(interval, "share")])]


def log_pair_table(source: Source) -> Exhibit:
    """T1c: what two logs have in common, and what that would make the whole if they were independent."""
    names = {each.log_id: each.name for each in source.facts.logs}
    found = source.aggregates.capture.log_pairs()
    rows = [
        (names[first], names[second], each.first, each.second, each.both, round(each.estimate))
        for each in found
        for first, second in [each.logs]
        if first in names and second in names
    ]
    say = source.say
    head = [say("log"), say("other log"), say("in the first"), say("in the other"), say("in both"), say("in all")]
    return Exhibit(
        id="T1c",
        name="log-pairs",
        title=say("What two logs have in common"),
        columns=("log", "other_log", "first", "second", "both", "estimate"),
        rows=rows,
        n=source.aggregates.tally().counts().get("issuances", 0),
        unit="certificates",
        coverage=source.aggregates.coverage.flag(),
        says=[
            say(
                "The last column is Lincoln and Petersen's estimate of all certificates (in Chapman's form), as if "
                "each were put into the two logs independently. CAs choose logs in pairs and by last day, so that it "
                "may be far from the truth in either direction."
            )
        ],
        missing="" if rows else say("Nothing can be said: no two logs have a certificate in common."),
        grid=Grid(head, [[Cell(row[0]), Cell(row[1]), *(Cell(count(value)) for value in row[2:])] for row in rows]),
    )

"""T7: who left which CA for which."""

from ctcollect.analysis.ca_owners import ca_owners
from ctcollect.analysis.groups import ALL
from ctcollect.report.exhibit import Cell, Exhibit, Grid, Source, too_few, why_nothing
from ctcollect.report.numbers import count, share

OTHERS = "others"
PLACES = 6


def switch_table(source: Source) -> Exhibit:
    """T7: changes of the CA by old and new owner, the frequent ones first."""
    found = {} if source.is_hidden(ALL) else source.aggregates.tally(ALL).switches()
    whole = sum(found.values())
    rows = [(*pair, n, whole, round(n / whole, PLACES)) for pair, n in _joined(source, found)]
    say = source.say
    has_any = bool(source.aggregates.tally(ALL).switches())
    reason = too_few(source) if has_any else why_nothing(source, say("changes of the CA"))
    return Exhibit(
        id="T7",
        name="ca-switches",
        title=say("Changes of the CA"),
        columns=("before", "after", "switches", "all_switches", "share"),
        rows=rows,
        n=whole,
        unit="switches",
        coverage=source.aggregates.coverage.flag(),
        says=[*_about(source), *distrusts(source, found)],
        missing="" if rows else reason,
        grid=Grid([say("from"), say("to"), say("changes"), say("share")], [_cells(source, *row) for row in rows]),
    )


def _joined(source: Source, found: dict[tuple[str, str], int]) -> list[tuple[tuple[str, str], int]]:
    """Pairs that are rarer than what may be shown are one row, the last."""
    least = source.rules.statistics.min_domains
    shown = sorted(((pair, n) for pair, n in found.items() if n >= least), key=lambda each: (-each[1], each[0]))
    rest = sum(n for n in found.values() if n < least)
    return [*shown, ((OTHERS, OTHERS), rest)] if rest else shown


def _about(source: Source) -> list[str]:
    say = source.say
    return [
        say(
            "A change is counted once the old CA's last certificate has expired and it issued no other for these "
            "names; pairs of fewer than {least} changes are one row.",
            least=source.rules.statistics.min_domains,
        ),
        say(
            "Who operates a CA: ctcollect/analysis/ca_owners.json, with its sources. Nobody has looked up these: "
            "{names}.",
            names="; ".join(ca_owners().unchecked),
        ),
    ]


def distrusts(source: Source, found: dict[tuple[str, str], int]) -> list[str]:
    """A sentence for each CA that somebody left (``found``: changes by old and new owner) and that lost its trust."""
    left = {before for before, _ in found}
    return [
        source.say(
            "{by} trusts no certificate of {owner} issued after {date} (UTC): who left it then had to. Source: "
            "{source}.",
            by=each.by,
            owner=each.owner,
            date=each.last_trusted_on.isoformat(),
            source=each.source,
        )
        for each in ca_owners().distrusted
        if each.owner in left
    ]


def _cells(source: Source, before: str, after: str, n: int, whole: int, part: float) -> list[Cell]:
    labels = [source.say("others") if each == OTHERS else each for each in (before, after)]
    return [*map(Cell, labels), Cell(count(n)), Cell(share(part), [f"{count(n)} / {count(whole)}"])]

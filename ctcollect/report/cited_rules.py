"""The report's table of rules: every parameter, class, limit, announcement and revocation of rules.toml."""

from collections.abc import Iterator

from ctcollect.analysis.rules import Parameter, Rules


def cited(rules: Rules) -> list[Parameter]:
    """In the order of the file."""
    return [*rules.parameters, *_classes_and_limits(rules), *_events(rules)]


def _classes_and_limits(rules: Rules) -> Iterator[Parameter]:
    for each in rules.validity_classes:
        yield Parameter(f"validity_class.{each.id}", each.max_days, "d", each.source)
    for phase in rules.phases:
        limits = f"{phase.max_days} from {phase.issued_from}, replaced after {phase.usual_elapsed} of it"
        yield Parameter(f"phase.{phase.id}", limits, "d", phase.source)


def _events(rules: Rules) -> Iterator[Parameter]:
    for each in rules.milestones:
        yield Parameter(f"milestone.{each.id}", f"{each.on}: {each.text}", "day", each.source)
    for event in rules.mass_revocations:
        issued = f"{event.owner}, issued {event.issued_from} to {event.issued_until}"
        answered = f"replaced {event.notice} to {event.replaced_until}"
        yield Parameter(f"mass_revocation.{event.id}", f"{issued}, {answered}", "UTC days", event.source)
